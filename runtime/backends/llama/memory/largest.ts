/** The largest multiple of `step` in [`step`, `below`) that fits, or null. What does not fit stays so for anything larger. */
export function largestThatFits(below: number, step: number, fits: (value: number) => boolean): number | null {
  let fitting = 0;
  let tooLarge = Math.ceil(below / step);
  while (tooLarge - fitting > 1) {
    const middle = Math.floor((fitting + tooLarge) / 2);
    if (fits(middle * step)) fitting = middle;
    else tooLarge = middle;
  }
  return fitting === 0 ? null : fitting * step;
}

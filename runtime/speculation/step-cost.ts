/** Weight of the newest measurement in the running average of its width. */
const newest = 0.2;
/** A measurement this many times the average was a busy machine's. */
const outlier = 3;
/** Before two widths were measured: what each further token adds to a step, as a share of the step divided by its width. */
const firstSlope = 0.4;

/** How long a decode step takes by its width in tokens, as measured. */
export class StepCost {
  /** Microseconds by width, ascending. */
  #measured: { readonly width: number; readonly us: number }[] = [];

  observe(width: number, us: number): void {
    const known = this.#measured.find((it) => it.width === width);
    const next = { width, us: known ? known.us + newest * (Math.min(us, outlier * known.us) - known.us) : us };
    this.#measured = [...this.#measured.filter((it) => it !== known), next].sort((a, b) => a.width - b.width);
  }

  /** Null before the first measurement. */
  estimate(width: number): number | null {
    const first = this.#measured[0];
    if (!first) return null;
    const above = this.#measured.find((it) => it.width >= width);
    if (above?.width === width) return above.us;
    const below = this.#measured.findLast((it) => it.width < width);
    if (above && below) return below.us + (above.us - below.us) * (width - below.width) / (above.width - below.width);
    const known = below ?? above ?? first;
    return Math.max(0, known.us + this.#slope() * (width - known.width));
  }

  /** What one more token costs, from the narrowest to the widest step. */
  #slope(): number {
    const [first, last] = [this.#measured[0], this.#measured.at(-1)];
    if (!first || !last) return 0;
    if (first === last) return firstSlope * first.us / first.width;
    return Math.max(0, (last.us - first.us) / (last.width - first.width));
  }
}

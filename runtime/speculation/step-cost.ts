/** Weight of the newest measurement in the running average of its width. */
const newest = 0.2;
/** A measurement this many times the average was a busy machine's. */
const outlier = 3;
/** After this many steps without it a width's time is forgotten: it may have been a busy moment's, and nothing would ever correct it. */
const forgetAfter = 256;
/** Before two widths were measured: what each further token adds to a step, as a share of the step divided by its width. */
const firstSlope = 0.4;

/** How long a decode step takes by its width in tokens, as measured. */
export class StepCost {
  readonly #us = new Map<number, number>();
  /** The step in which each was measured last. */
  readonly #seen = new Map<number, number>();
  #steps = 0;
  /** Those measured, ascending. */
  readonly #widths: number[] = [];

  observe(width: number, us: number): void {
    this.#steps += 1;
    this.#seen.set(width, this.#steps);
    const known = this.#us.get(width);
    const expected = known ?? this.estimate(width) ?? us;
    const bounded = Math.min(us, outlier * expected);
    if (known === undefined) this.#widths.splice(this.#position(width), 0, width);
    this.#us.set(width, known === undefined ? bounded : known + newest * (bounded - known));
    this.#forgetOld();
  }

  /** Null for what is narrower than everything measured: what a step costs at least is never a matter of opinion. */
  estimate(width: number): number | null {
    const known = this.#us.get(width);
    if (known !== undefined) return known;
    const position = this.#position(width);
    const [below, above] = [this.#at(position - 1), this.#at(position)];
    if (below && above) return below.us + (above.us - below.us) * (width - below.width) / (above.width - below.width);
    return below ? below.us + this.#slope() * (width - below.width) : null;
  }

  #forgetOld(): void {
    if (this.#steps % forgetAfter !== 0) return;
    for (const [width, step] of this.#seen) {
      if (this.#steps - step < forgetAfter) continue;
      this.#seen.delete(width);
      this.#us.delete(width);
      this.#widths.splice(this.#position(width), 1);
    }
  }

  /** What one more token costs, from the narrowest to the widest step. */
  #slope(): number {
    const [first, last] = [this.#at(0), this.#at(this.#widths.length - 1)];
    if (!first || !last) return 0;
    if (first.width === last.width) return firstSlope * first.us / first.width;
    return Math.max(0, (last.us - first.us) / (last.width - first.width));
  }

  #at(position: number): { readonly width: number; readonly us: number } | undefined {
    const width = this.#widths[position];
    return width === undefined ? undefined : { width, us: this.#us.get(width) ?? 0 };
  }

  /** Where `width` is, or would be, among those measured. */
  #position(width: number): number {
    let [low, high] = [0, this.#widths.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#widths[middle] ?? 0) < width) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

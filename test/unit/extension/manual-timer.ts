import { toDisposable } from "../../../base/disposable.ts";
import type { Timer } from "../../../base/timer.ts";

/** Time that passes when the test says so. */
export class ManualTimer implements Timer {
  nowMs = 0;
  readonly #waiting = new Set<{ readonly at: number; readonly callback: () => void }>();

  after(milliseconds: number, callback: () => void) {
    const entry = { at: this.nowMs + milliseconds, callback };
    this.#waiting.add(entry);
    return toDisposable(() => this.#waiting.delete(entry));
  }

  /** Lets time pass, in order of what is due; promises settle in between. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.nowMs + milliseconds;
    await settled();
    for (;;) {
      const next = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.nowMs = Math.max(this.nowMs, next.at);
      next.callback();
      await settled();
    }
    this.nowMs = end;
  }

  get pending(): number {
    return this.#waiting.size;
  }
}

/** All promises that can settle without time passing have done so. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

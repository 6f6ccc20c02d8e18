import { cpus } from "node:os";
import type { ReadText } from "./read-text.ts";

/** Time that processors have worked since the machine started, all programs together, in milliseconds. */
export type ReadBusyMs = () => number;

/** Linux counts in hundredths of a second, whatever its own clock is. */
const msPerTick = 10;

/** From /proc/stat, over the processors that this process may use: 17 µs, where `os.cpus()` asks for every processor's frequency too. */
export function linuxBusyMs(read: ReadText, allowed: ReadonlySet<number> | null): ReadBusyMs {
  return () => {
    let ticks = 0;
    for (const [, index, counts = ""] of read("/proc/stat").matchAll(/^cpu(\d+) (.*)$/gm)) {
      if (allowed !== null && !allowed.has(Number(index))) continue;
      // Stolen time is another machine's work on our processor.
      const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = counts.split(" ").map(Number);
      ticks += user + nice + system + irq + softirq + steal;
    }
    return ticks * msPerTick;
  };
}

export const anySystemBusyMs: ReadBusyMs = () => cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);

export interface BusySources {
  readonly busyMs: ReadBusyMs;
  /** Processor time of this process, all threads. */
  readonly ownMs: () => number;
  readonly nowMs: () => number;
}

/** Over a shorter time the counters, in hundredths of a second, say little. */
const shortestMs = 200;
/** Half of what was seen is believed for so long. */
const halfLifeMs = 250;

/** How many cores other programs keep busy. Rises at once and falls slowly: a step that lost its core costs far more than a thread less. */
export class BusyCores {
  readonly #sources: BusySources;
  #last: { readonly busy: number; readonly own: number; readonly now: number };
  #others = 0;

  constructor(sources: BusySources) {
    this.#sources = sources;
    this.#last = this.#look();
  }

  get others(): number {
    return this.#others;
  }

  /** Looks again; the figure is an average since the last look. */
  sample(): void {
    const last = this.#last;
    if (this.#sources.nowMs() - last.now < shortestMs) return;
    const now = this.#look();
    this.#last = now;
    const elapsed = now.now - last.now;
    const others = Math.max(0, (now.busy - last.busy - (now.own - last.own)) / elapsed);
    // By time and not by looks: during a step of a second nobody looks.
    this.#others = Math.max(others, others + (this.#others - others) * 0.5 ** (elapsed / halfLifeMs));
  }

  #look(): { readonly busy: number; readonly own: number; readonly now: number } {
    const { busyMs, ownMs, nowMs } = this.#sources;
    return { busy: busyMs(), own: ownMs(), now: nowMs() };
  }
}

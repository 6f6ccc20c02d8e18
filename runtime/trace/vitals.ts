import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Disposable } from "../../base/disposable.ts";
import type { Timer } from "../../base/timer.ts";
import type { TraceRecorder } from "./recorder.ts";

/** How late this process's event loop is. */
export interface LoopDelay {
  start(): void;
  stop(): void;
  /** The longest delay since `reset`. */
  readonly longestUs: number;
  reset(): void;
}

const lookMs = 250;
/** Between two looks at the loop: a delay shorter than this may be missed. */
const loopMs = 10;

/** Node's own measurement, which costs a timer of `loopMs` while it runs. */
export function eventLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: loopMs });
  return {
    start: () => {
      histogram.reset();
      histogram.enable();
    },
    stop: () => void histogram.disable(),
    // Its values are the time between two looks, of which the wanted one is no delay. Before the first it is 0.
    get longestUs() {
      return Math.max(0, histogram.max / 1000 - loopMs * 1000);
    },
    reset: () => histogram.reset(),
  };
}

/** Looks at the surroundings of all requests in work a few times a second; while there is none, nothing runs. */
export class VitalsWatch {
  readonly #timer: Timer;
  readonly #loop: LoopDelay;
  readonly #live: () => Iterable<TraceRecorder>;
  #next: Disposable | null = null;

  constructor({ timer, loop, live }: { readonly timer: Timer; readonly loop: LoopDelay; readonly live: () => Iterable<TraceRecorder> }) {
    this.#timer = timer;
    this.#loop = loop;
    this.#live = live;
  }

  /** A request has come. */
  wake(): void {
    if (this.#next !== null) return;
    this.#loop.start();
    this.#lookLater();
  }

  /** One that ends between two looks is seen once more. */
  lookAt(recorder: TraceRecorder): void {
    recorder.look(this.#loop.longestUs);
  }

  #lookLater(): void {
    this.#next = this.#timer.after(lookMs, () => this.#look());
  }

  #look(): void {
    let any = false;
    for (const recorder of this.#live()) {
      any = true;
      this.lookAt(recorder);
    }
    this.#loop.reset();
    this.#next = null;
    if (any) this.#lookLater();
    else this.#loop.stop();
  }
}

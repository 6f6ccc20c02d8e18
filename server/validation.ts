import type { Disposable } from "../base/disposable.ts";
import type { Timer } from "../base/timer.ts";
import type { Cancellation } from "./features/workspace.ts";

interface Run extends Disposable {
  cancelled: boolean;
}

/** Long enough to span the gaps between key strokes, short enough to feel immediate. */
const pauseMs = 150;

/**
 * Checks documents one pause after their last change. A newer change cancels a check that is running,
 * so that a slow disk never holds up typing and no old result overwrites a newer one.
 */
export class ValidationQueue implements Disposable {
  readonly #timer: Timer;
  readonly #validate: (uri: string, cancellation: Cancellation) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #runs = new Map<string, Run>();

  constructor(timer: Timer, validate: (uri: string, cancellation: Cancellation) => Promise<void>, onError: (error: unknown) => void) {
    this.#timer = timer;
    this.#validate = validate;
    this.#onError = onError;
  }

  schedule(uri: string): void {
    this.cancel(uri);
    const run: Run = { cancelled: false, dispose: () => waiting.dispose() };
    const waiting = this.#timer.after(pauseMs, () => void this.#start(uri, run));
    this.#runs.set(uri, run);
  }

  cancel(uri: string): void {
    const run = this.#runs.get(uri);
    if (run === undefined) return;
    run.cancelled = true;
    run.dispose();
    this.#runs.delete(uri);
  }

  dispose(): void {
    for (const uri of [...this.#runs.keys()]) this.cancel(uri);
  }

  async #start(uri: string, run: Run): Promise<void> {
    try {
      await this.#validate(uri, {
        get isCancellationRequested() {
          return run.cancelled;
        },
      });
    } catch (error) {
      if (!run.cancelled) this.#onError(error);
    } finally {
      if (this.#runs.get(uri) === run) this.#runs.delete(uri);
    }
  }
}

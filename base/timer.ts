import type { Disposable } from "./disposable.ts";

/** Pauses, injected so that tests need not wait. */
export interface Timer {
  /** Calls back after a pause, unless the result is disposed before. */
  after(milliseconds: number, callback: () => void): Disposable;
}

import { toDisposable, type Disposable } from "../base/disposable.ts";

/** Pauses, injected so that tests need not wait. */
export interface Timer {
  after(milliseconds: number, callback: () => void): Disposable;
}

export const realTimer: Timer = {
  after: (milliseconds, callback) => {
    const handle = setTimeout(callback, milliseconds);
    return toDisposable(() => clearTimeout(handle));
  },
};

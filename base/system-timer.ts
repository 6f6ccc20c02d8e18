import { toDisposable } from "./disposable.ts";
import type { Timer } from "./timer.ts";

/** The machine's own. Apart from timer.ts because the rooms without Node and DOM have no setTimeout. */
export const systemTimer: Timer = {
  after: (milliseconds, callback) => {
    const handle = setTimeout(callback, milliseconds);
    return toDisposable(() => clearTimeout(handle));
  },
};

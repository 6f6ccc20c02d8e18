import type { Clock, VirtualClock } from "../../../base/clock.ts";
import { systemClock } from "../../../base/system-clock.ts";

/** How the fake engine spends time. */
export interface FakeTime extends Clock {
  spend(us: number): void;
}

/** Work takes no time at all: only the clock moves. */
export function virtualTime(clock: VirtualClock): FakeTime {
  return { nowUs: () => clock.nowUs(), spend: (us) => clock.advance(us) };
}

/** Work blocks the process as long as it says, as a real engine's decode does. */
export function realTime(): FakeTime {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    nowUs: () => systemClock.nowUs(),
    spend: (us) => {
      if (us > 0) Atomics.wait(never, 0, 0, us / 1000);
    },
  };
}

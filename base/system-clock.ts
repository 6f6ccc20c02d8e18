import type { Clock } from "./clock.ts";

/**
 * The machine's monotonic clock. `hrtime` counts from one origin for all processes of a machine
 * (CLOCK_MONOTONIC, mach_absolute_time, QueryPerformanceCounter), so the gateway's and a model host's spans share an axis.
 * Apart from clock.ts because it needs Node, which the panels do not have.
 */
export const systemClock: Clock = {
  nowUs: () => Number(process.hrtime.bigint() / 1000n),
};

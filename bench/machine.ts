import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** What a figure was measured on: without it, it means nothing. */
export function machine(): Readonly<Record<string, string | number>> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    threads: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

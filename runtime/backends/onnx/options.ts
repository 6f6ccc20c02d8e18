import { env, type InferenceSession } from "onnxruntime-node";
import { availableParallelism } from "node:os";
import type { OnnxOptions, OnnxProvider } from "../../../protocol/config.ts";
import { usableCores } from "../../machine/cores.ts";
import { readText } from "../../machine/read-text.ts";

export interface RunOptions {
  readonly threads: number;
  readonly providers: readonly OnnxProvider[];
  readonly onnx: OnnxOptions;
}

export const release = (): string => `onnxruntime ${env.versions.node ?? env.versions.common}`;

/**
 * To be called before a first session is made. What everything that fails writes is also in what it throws; on stderr it would be told twice. And the
 * library reports what it does to its makers unless it is told not to.
 */
export function quietEngine(): void {
  env.logLevel = "fatal";
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
}

/** All that may compute but one: the last is for the daemon, the editor and whoever else wants a turn. */
export const defaultThreads = (): number =>
  Math.max(1, usableCores({ platform: process.platform, arch: process.arch, available: availableParallelism(), read: readText }) - 1);

/** As this model runs; what the graph becomes before it runs is `optimized.ts`'s. */
export function sessionOptions({ threads, providers, onnx }: RunOptions): InferenceSession.SessionOptions {
  return {
    // Node's binding has no name for some of them in its types, and takes them all the same.
    executionProviders: [...providers],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: onnx.optimization,
    enableCpuMemArena: onnx.arena,
    enableMemPattern: onnx.arena,
    freeDimensionOverrides: onnx.dimensions,
    logSeverityLevel: 4,
    // Threads that spin while they wait take the cores that other models and the daemon need.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}

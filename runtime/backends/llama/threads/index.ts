import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";

import type { Clock } from "../../../../base/clock.ts";
import type { ModelInfo } from "../../../../protocol/model.ts";
import { anySystemBusyMs, BusyCores, linuxBusyMs } from "../../../machine/busy-cores.ts";
import { allowedProcessors, usableCores } from "../../../machine/cores.ts";
import { readText } from "../../../machine/read-text.ts";
import type { Library } from "../native/library.ts";
import { GGML_MAX_N_THREADS, type Pointer } from "../native/llama.generated.ts";
import { AdaptiveThreads, fixedThreads, Pools, type Threads } from "./controller.ts";
import { LearnedThreads } from "./learned.ts";
import { ThreadPolicy } from "./policy.ts";

export type { Threads } from "./controller.ts";

export interface ThreadOptions {
  readonly library: Library;
  readonly context: Pointer;
  readonly clock: Clock;
  readonly home: string;
  readonly model: ModelInfo;
  /** As configured; absent: measured and adapted. */
  readonly asked: number | undefined;
  /** Layers compute on a GPU, and the processor's time says nothing about a step. */
  readonly offloaded: boolean;
}

/** The threads of a context, which must be freed before they are. */
export function createThreads({ library, context, clock, home, model, asked, offloaded }: ThreadOptions): Threads {
  const pools = new Pools(library, context);
  const most = Math.min(availableParallelism(), GGML_MAX_N_THREADS);
  // More spinning threads than processors would hardly move at all; and above its own limit ggml ends the process.
  if (asked !== undefined) return fixedThreads(pools, Math.max(1, Math.min(asked, most)));
  const cores = Math.min(most, startThreads() + 1);
  if (offloaded || cores === 1) return fixedThreads(pools, startThreads());
  const key = `${cpus()[0]?.model.trim() ?? "?"}, ${cores} cores; ${library.folder.release}; ${model.name} ${model.quantization} ${model.sizeBytes}`;
  const learned = new LearnedThreads(join(home, "threads.json"), key);
  return new AdaptiveThreads({ pools, policy: new ThreadPolicy({ cores, learned: learned.read() }), busy: busyCores(), learned, clock, cpuUs });
}

const machineCores = (): number => usableCores({ platform: process.platform, arch: process.arch, available: availableParallelism(), read: readText });

/** Before anything is measured: one core is left to the rest of the machine. */
export const startThreads = (): number => Math.max(1, Math.min(machineCores() - 1, GGML_MAX_N_THREADS));

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function busyCores(): BusyCores {
  return new BusyCores({
    busyMs: process.platform === "linux" ? linuxBusyMs(readText, allowedProcessors(readText)) : anySystemBusyMs,
    ownMs: () => cpuUs() / 1000,
    nowMs: () => performance.now(),
  });
}

import { InfernoError } from "../../../protocol/errors.ts";
import type { BackendCapacity, LoadBackend, LoadOptions } from "../backend.ts";
import { FakeBackend } from "./fake-backend.ts";
import { realTime, type FakeTime } from "./fake-time.ts";
import { parseFakePath, type FakeOptions } from "./options.ts";

const defaultContext = 4096;

/**
 * The fake engine as a process of its own would load it, for tests that need a daemon but no model. `path` says how it behaves:
 * `fake:echo`, `fake:say?text=hello&tokenUs=1000`, `fake:count?vocabulary=bytes` (options.ts lists the rest).
 */
export const loadFake: LoadBackend = (options) => loadFakeOn(realTime(), options);

export async function loadFakeOn(time: FakeTime, load: LoadOptions): Promise<FakeBackend> {
  const options = parseFakePath(load.path);
  time.spend(options.loadUs);
  if (options.loadError !== undefined) throw new InfernoError("model_load_failed", options.loadError);
  load.onProgress?.(1);
  return new FakeBackend(options, fakeCapacity(options, load), time);
}

/** What the limits of the configuration and the options of the path make together. */
export function fakeCapacity(options: FakeOptions, load: CapacityLimits): BackendCapacity {
  const { parallel, batch, context = defaultContext } = load;
  const layout = options.layout ?? (load.kvLayout === "per_sequence" || load.deterministic ? "per_sequence" : "unified");
  const sequences = options.sequences ?? (layout === "unified" ? 2 * parallel : parallel);
  const cells = options.cells ?? load.kvCells ?? context * (layout === "unified" ? parallel : sequences);
  const { truncates } = options;
  return {
    sequences, context, batch, parallel, cells, layout, truncates, candidates: layout === "unified" && truncates ? Math.max(1, load.candidates) : 1, ...(load.deterministic && { deterministic: true }),
  };
}

type CapacityLimits = Pick<LoadOptions, "parallel" | "batch" | "context" | "kvLayout" | "kvCells" | "candidates" | "deterministic">;

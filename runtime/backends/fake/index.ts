import { InfernoError } from "../../../protocol/errors.ts";
import type { LoadBackend } from "../backend.ts";
import { FakeBackend } from "./fake-backend.ts";
import { realTime, type FakeTime } from "./fake-time.ts";
import { parseFakePath } from "./options.ts";

const defaultContext = 4096;

/**
 * The fake engine as a process of its own would load it, for tests that need a daemon but no model. `path` says how it behaves:
 * `fake:echo`, `fake:say?text=hello&tokenUs=1000`, `fake:count?vocabulary=bytes` (options.ts lists the rest).
 */
export const loadFake: LoadBackend = (options) => loadFakeOn(realTime(), options);

export async function loadFakeOn(time: FakeTime, { path, context, parallel, batch, onProgress }: Parameters<LoadBackend>[0]): Promise<FakeBackend> {
  const options = parseFakePath(path);
  time.spend(options.loadUs);
  if (options.loadError !== undefined) throw new InfernoError("model_load_failed", options.loadError);
  onProgress?.(1);
  return new FakeBackend(options, { sequences: parallel, context: context ?? defaultContext, batch }, time);
}

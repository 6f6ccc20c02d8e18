import type { Clock } from "../../base/clock.ts";
import { unreachable } from "../../base/assert.ts";
import type { LoadBackend } from "../backends/backend.ts";
import { homePaths } from "../home/home.ts";
import type { EngineName } from "./messages.ts";

export interface EngineEnvironment {
  readonly clock: Clock;
  /** The state folder (INFERNO_HOME). */
  readonly home: string;
}

/** Imports an engine only when a model asks for it: the native libraries of one are no burden to another. */
export async function importEngine(engine: EngineName, environment: EngineEnvironment): Promise<LoadBackend> {
  switch (engine) {
    case "llama":
      return withDownload((await import("../backends/llama/index.ts")).loadLlama(environment), homePaths(environment.home).models);
    case "fake":
      return (await import("../backends/fake/index.ts")).loadFake;
    default:
      return unreachable(engine);
  }
}

/** Fetches a remote model into the folder first, unless it is there already. */
function withDownload(load: LoadBackend, folder: string): LoadBackend {
  return async (options) => {
    if (!options.path.startsWith("hf:")) return await load(options);
    const { downloadModel } = await import("../backends/llama/download.ts");
    const path = await downloadModel(options.path, folder, {
      onProgress: ({ downloadedBytes, totalBytes }) => options.onProgress?.(downloadedBytes / Math.max(1, totalBytes), "download"),
    });
    return await load({ ...options, path });
  };
}

import type { Clock } from "../../base/clock.ts";
import { unreachable } from "../../base/assert.ts";
import type { LoadBackend, LoadOptions, MemoryForecast } from "../backends/backend.ts";
import type { LoadEmbedder } from "../backends/embedder.ts";
import type { LoadTask } from "../backends/task-model.ts";
import type { InspectFile } from "../onnx-file/inspect.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { homePaths } from "../home/home.ts";
import type { TaskEngine, TextEngine, ToHost } from "./messages.ts";

export interface EngineEnvironment {
  readonly clock: Clock;
  /** The state folder (INFERNO_HOME). */
  readonly home: string;
}

/** Imports an engine only when a model asks for it: the native libraries of one are no burden to another. */
export async function importEngine(engine: TextEngine, environment: EngineEnvironment): Promise<LoadBackend> {
  switch (engine) {
    case "llama":
      return withDownload((await import("../backends/llama/index.ts")).loadLlama(environment), homePaths(environment.home).models);
    case "fake":
      return (await import("../backends/fake/index.ts")).loadFake;
    default:
      return unreachable(engine);
  }
}

/** The same engines for a model that embeds or reranks. */
export async function importEmbedder(engine: TextEngine, environment: EngineEnvironment): Promise<LoadEmbedder> {
  switch (engine) {
    case "llama":
      return withDownload((await import("../backends/llama/load-embedder.ts")).loadLlamaEmbedder(environment), homePaths(environment.home).models);
    case "fake":
      return (await import("../backends/fake/fake-embedder.ts")).loadFakeEmbedder;
    default:
      return unreachable(engine);
  }
}

/** Engines for models whose requests are single runs. */
export async function importTaskEngine(engine: TaskEngine, environment: EngineEnvironment): Promise<LoadTask> {
  switch (engine) {
    case "onnx":
      return (await import("../backends/onnx/index.ts").catch(noOnnxruntime)).loadOnnx(environment);
    case "fake":
      return (await import("../backends/fake/fake-task-model.ts")).loadFakeTask;
    default:
      return unreachable(engine);
  }
}

/** Its native part is not there for every platform, and may have been left out of an installation. */
function noOnnxruntime(cause: unknown): never {
  throw new InfernoError("engine_unsupported", `onnxruntime cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

/** Whether what a message would load fits, its engine's answer. */
export async function forecastLoad(load: Extract<ToHost, { type: "load" | "loadTask" }>, { home }: EngineEnvironment): Promise<MemoryForecast> {
  if (load.engine === "fake") throw new InfernoError("engine_unsupported", `The engine "${load.engine}" holds no model in memory: there is nothing to forecast.`);
  if (load.type === "loadTask") return (await import("../backends/onnx/index.ts").catch(noOnnxruntime)).forecastOnnx(load.options);
  const { forecastGeneration, forecastVectors } = await import("../backends/llama/memory/forecast-llama.ts");
  const { embedding } = load.host;
  return embedding ? await forecastVectors({ home }, { ...load.options, ...embedding }) : await forecastGeneration({ home }, load.options);
}

/** Looks into ONNX files. */
export const importInspector = async (): Promise<InspectFile> => (await import("../backends/onnx/inspect-file.ts")).inspectFile;

const isRemote = (source: string): boolean => source.startsWith("hf:");

/** Fetches a remote model and its draft model into the folder first, unless they are there already. */
function withDownload<Options extends LoadOptions, Model>(load: (options: Options) => Promise<Model>, folder: string): (options: Options) => Promise<Model> {
  return async (options) => {
    if (![options.path, options.draft ?? ""].some(isRemote)) return await load(options);
    const { downloadModel } = await import("../backends/llama/download.ts");
    const fetched = async (source: string): Promise<string> => await downloadModel(source, folder, {
      onProgress: ({ downloadedBytes, totalBytes }) => options.onProgress?.(downloadedBytes / Math.max(1, totalBytes), "download"),
    });
    const { path, draft } = options;
    return await load({ ...options, path: isRemote(path) ? await fetched(path) : path, ...(draft !== undefined && isRemote(draft) && { draft: await fetched(draft) }) });
  };
}

import { cpus } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import { didYouMean } from "../../../base/near.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Manifest } from "../../../protocol/manifest.ts";
import type { GraphForecast } from "../backend.ts";
import type { LoadTask, TaskLoadOptions } from "../task-model.ts";
import type { GraphFacts } from "./facts.ts";
import { Graphs } from "./graphs.ts";
import { openModelFolder } from "./manifest.ts";
import { forecastGraphs, planMemory } from "./memory.ts";
import { modelInfo } from "./model-info.ts";
import { OnnxModel } from "./onnx-model.ts";
import { defaultThreads, quietEngine, release } from "./options.ts";
import { OptimizedGraphs } from "./optimized.ts";
import type { Pipeline, PipelineParts } from "./pipeline.ts";
import { walkProviders, workingProviders } from "./providers.ts";

export interface OnnxEnvironment {
  readonly clock: Clock;
  /** The state folder (INFERNO_HOME), where rewritten graphs are kept. */
  readonly home: string;
}

/** The engine for ONNX files, on onnxruntime. */
export function loadOnnx({ clock, home }: OnnxEnvironment): LoadTask {
  return async (options) => {
    const folder = openModelFolder(options.path);
    const { manifest, name, file } = folder;
    quietEngine();
    const providers = await walkProviders(options.onnx.providers);
    const run = { threads: options.threads ?? defaultThreads(), providers: workingProviders(providers), onnx: options.onnx };
    const remember = planMemory(folder, options, run.providers[0] === "cpu");
    const graphs = new Graphs(run, new OptimizedGraphs(join(home, "onnx"), [release(), process.platform, process.arch, cpus()[0]?.model ?? ""]), clock);
    try {
      const pipeline = await loadPipeline({ clock, onnx: options.onnx, file, open: async (path) => await graphs.open(file(path)) }, manifest);
      options.onProgress?.(1);
      const { facts } = graphs;
      checkDimensions(options.onnx.dimensions, facts);
      const model = modelInfo({ name, facts, providers, tokens: pipeline.tokens, manifest });
      return new OnnxModel({ pipeline, graphs, clock, model, memoryUse: remember(facts) });
    } catch (error) {
      await graphs.dispose();
      throw error;
    }
  };
}

/** A name that no graph has would change nothing without a word. */
function checkDimensions(fixed: Readonly<Record<string, number>>, facts: readonly GraphFacts[]): void {
  const names = [...new Set(facts.flatMap(({ dimensions }) => dimensions))];
  const unknown = Object.keys(fixed).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const there = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  throw new InfernoError("model_load_failed", `onnx.dimensions: the model has no free dimension "${unknown}"; ${there}.${didYouMean(unknown, names)}`, {
    param: `onnx.dimensions.${unknown}`, hint: "Correct the name in inferno.yaml; `inferno inspect FILE` shows them.",
  });
}

/** For `inferno fit`: nothing is loaded. */
export const forecastOnnx = ({ path }: TaskLoadOptions): GraphForecast => forecastGraphs(openModelFolder(path));

/** Each task's code is imported for a model of it: what decodes images is no burden to texts. */
async function loadPipeline(parts: PipelineParts, manifest: Manifest): Promise<Pipeline> {
  switch (manifest.task) {
    case "embedding": return await (await import("./tasks/embedding.ts")).loadEmbedding(parts, manifest);
    case "rerank": return await (await import("./tasks/rerank.ts")).loadRerank(parts, manifest);
    case "text-classification": return await (await import("./tasks/text-classification.ts")).loadTextClassification(parts, manifest);
    case "token-classification": return await (await import("./tasks/token-classification.ts")).loadTokenClassification(parts, manifest);
    case "image-classification": return await (await import("./tasks/image-classification.ts")).loadImageClassification(parts, manifest);
    case "object-detection": return await (await import("./tasks/object-detection.ts")).loadObjectDetection(parts, manifest);
    case "ocr": return await (await import("./tasks/ocr.ts")).loadOcr(parts, manifest);
    case "raw": return await (await import("./tasks/raw.ts")).loadRaw(parts, manifest);
    case "wake-word": return await (await import("./tasks/wake-word.ts")).loadWakeWord(parts, manifest);
    case "speech": return await (await import("./tasks/speech.ts")).loadSpeech(parts, manifest);
    case "transcription": return await (await import("./tasks/transcription.ts")).loadTranscription(parts, manifest);
    case "vad": return await (await import("./tasks/vad.ts")).loadVad(parts, manifest);
  }
}

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Manifest } from "../../../protocol/manifest.ts";
import type { ModelMemory } from "../../../protocol/model.ts";
import { kilobytes, thisMachinesMemory } from "../../machine/available-memory.ts";
import type { GraphForecast } from "../backend.ts";
import { doesNotFit } from "../memory-refusal.ts";
import type { TaskLoadOptions } from "../task-model.ts";
import { readFacts, type GraphFacts } from "./facts.ts";
import type { ModelFolder } from "./manifest.ts";

/**
 * What onnxruntime 1.30 was measured to take, which tells nobody (docs/guides/memory.md has the table): 21 MB with its first session, up to 20 more
 * for a graph without weights worth the name, and of weights a copy arranged for the processor.
 */
const engineBytes = 21e6;
const graphBytes = 15e6;
const copies = 0.15;
/** The processor has no arithmetic for them: a graph of half-precision weights holds them in single precision too, and in both arrangements. */
const copiesOfHalf = 2.6;

/** The ONNX files of a model, in the order in which they are opened. */
function graphFiles(manifest: Manifest): string[] {
  switch (manifest.task) {
    case "ocr": return [manifest.detect, manifest.orient, manifest.recognise].flatMap((part) => part?.model ?? []);
    case "transcription": return [manifest.encoder, manifest.decoder];
    default: return [manifest.model];
  }
}

/** Throws `manifest_invalid`, `model_file_missing` or `model_file_invalid`. */
export function forecastGraphs({ manifest, file }: ModelFolder): GraphForecast {
  const models = graphFiles(manifest).map((name, index) => {
    const { bytes: weights, weights: type } = readFacts(file(name));
    const compute = Math.round((index === 0 ? engineBytes : 0) + graphBytes + weights * (type === "float16" ? copiesOfHalf : copies));
    return { name: basename(name), weights, kv: 0, compute, total: weights + compute };
  });
  const sum = (part: "weights" | "compute" | "total"): number => models.reduce((bytes, model) => bytes + model[part], 0);
  const free = thisMachinesMemory().freeBytes;
  return { kind: "graphs", fits: sum("total") <= free, devices: [{ name: "CPU", weights: sum("weights"), kv: 0, compute: sum("compute"), total: sum("total"), free }], models };
}

/**
 * Called before loading: throws `model_does_not_fit` where that is clear, unless `checkMemory` is off. Where another device computes, the weights
 * go there, and nobody here knows its memory. What it returns is called with the loaded graphs, and says what was predicted and what came of it.
 */
export function planMemory(folder: ModelFolder, { path, checkMemory }: TaskLoadOptions, onProcessor: boolean): (facts: readonly GraphFacts[]) => ModelMemory {
  const forecast = onProcessor ? forecastGraphs(folder) : null;
  if (forecast?.fits === false && checkMemory) throw doesNotFit(path, forecast);
  const rssBefore = process.memoryUsage.rss();
  return (facts) => {
    const rss = process.memoryUsage.rss();
    // Seen from outside: weights that were mapped and not read yet are not in it.
    const total = Math.max(0, rss - rssBefore);
    const weights = Math.min(total, facts.reduce((sum, { bytes }) => sum + bytes, 0));
    const measured = { weights, kv: 0, compute: total - weights, total };
    return {
      predicted: forecast === null ? null : partsOf(forecast.devices[0]!), measured: { ...measured, rss, anonymous: anonymousBytes() },
      devices: (forecast?.devices ?? []).map(({ name, total: predicted, free }) => ({ name, predicted, free: free ?? 0 })),
      models: (forecast?.models ?? []).map((model, _, all) => ({ name: model.name, predicted: partsOf(model), measured: all.length === 1 ? measured : null })),
    };
  };
}

type Parts = GraphForecast["models"][number] | GraphForecast["devices"][number];

const partsOf = ({ weights, kv, compute, total }: Parts): ModelMemory["predicted"] => ({ weights, kv, compute, total });

function anonymousBytes(): number | null {
  try {
    return kilobytes(readFileSync("/proc/self/smaps_rollup", "latin1"), "Anonymous") ?? null;
  } catch {
    return null; // Only Linux tells.
  }
}

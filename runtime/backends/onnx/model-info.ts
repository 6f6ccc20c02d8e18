import { cpus } from "node:os";
import type { Manifest } from "../../../protocol/manifest.ts";
import type { ModelInfo } from "../../../protocol/model.ts";
import type { GraphFacts } from "./facts.ts";
import { release } from "./options.ts";
import type { Pipeline } from "./pipeline.ts";
import { passedOver, type ProviderStep } from "./providers.ts";

export interface InfoParts {
  readonly name: string;
  readonly facts: readonly GraphFacts[];
  readonly providers: readonly ProviderStep[];
  readonly tokens: Pipeline["tokens"];
  readonly manifest: Manifest;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function modelInfo({ name, facts, providers, tokens, manifest }: InfoParts): ModelInfo {
  const largest = facts.toSorted((a, b) => b.bytes - a.bytes)[0];
  const kind = providers.find(({ works }) => works)?.provider ?? "cpu";
  const before = providers.slice(0, providers.findIndex(({ works }) => works));
  return {
    engine: "onnx", architecture: largest?.producer ?? "unknown", name, parameters: sum(facts.map(({ parameters }) => parameters)), sizeBytes: sum(facts.map(({ bytes }) => bytes)),
    quantization: largest?.weights ?? "none", trainedContext: tokens?.longest ?? 0, vocabulary: tokens?.vocabulary ?? 0,
    chatTemplate: null, bosToken: "", eosToken: "", library: release(), ...(manifest.task === "embedding" && { matryoshka: manifest.matryoshka }),
    device: { kind, name: kind === "cpu" ? (cpus()[0]?.model.trim() ?? "CPU") : kind, layers: 0, reason: passedOver(before) },
  };
}

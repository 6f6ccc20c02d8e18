import type { SamplingDefaults } from "../../../protocol/config.ts";
import type { GenerationParams } from "../../../protocol/model.ts";

/** What both of OpenAI's routes say about sampling; null is absent. */
export interface SamplingRequest {
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly top_k?: number | null | undefined;
  readonly min_p?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
}

export interface Sampling {
  readonly params: GenerationParams;
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
}

/** The request's word, else the model's configuration, else the defaults that docs/reference/config.md states. */
export function resolveSampling(
  request: SamplingRequest,
  defaults: SamplingDefaults | undefined,
  topLogprobs: number | null,
  randomSeed: () => number,
): Sampling {
  const { stop } = request;
  return {
    params: {
      temperature: request.temperature ?? defaults?.temperature ?? 0.8,
      topP: request.top_p ?? defaults?.top_p ?? 0.95,
      topK: request.top_k ?? defaults?.top_k ?? 40,
      minP: request.min_p ?? defaults?.min_p ?? 0.05,
      seed: request.seed ?? defaults?.seed ?? randomSeed(),
      topLogprobs,
    },
    maxTokens: request.max_tokens ?? defaults?.max_tokens ?? null,
    stop: typeof stop === "string" ? [stop] : (stop ?? defaults?.stop ?? []),
  };
}

import type { SamplingDefaults } from "../../../protocol/config.ts";
import type { GenerationParams, LogitBias } from "../../../protocol/model.ts";
import { samplingDefaults, type SamplingValues } from "../../../protocol/sampling.ts";

type Nullish<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** What both of OpenAI's routes say about sampling; null is absent. */
export interface SamplingRequest extends Nullish<SamplingValues> {
  readonly seed?: number | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly post_sampling_probs?: boolean | null | undefined;
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
  const configured: Nullish<SamplingValues> = defaults ?? {};
  const value = <K extends keyof SamplingValues>(name: K): NonNullable<Nullish<SamplingValues>[K]> =>
    request[name] ?? configured[name] ?? samplingDefaults[name];
  const { stop } = request;
  return {
    params: {
      temperature: value("temperature"),
      dynatempRange: value("dynatemp_range"),
      dynatempExponent: value("dynatemp_exponent"),
      topK: value("top_k"),
      topP: value("top_p"),
      minP: value("min_p"),
      typicalP: value("typical_p"),
      topNSigma: value("top_n_sigma"),
      xtcProbability: value("xtc_probability"),
      xtcThreshold: value("xtc_threshold"),
      repeatPenalty: value("repeat_penalty"),
      repeatLastN: value("repeat_last_n"),
      frequencyPenalty: value("frequency_penalty"),
      presencePenalty: value("presence_penalty"),
      dryMultiplier: value("dry_multiplier"),
      dryBase: value("dry_base"),
      dryAllowedLength: value("dry_allowed_length"),
      dryPenaltyLastN: value("dry_penalty_last_n"),
      drySequenceBreakers: value("dry_sequence_breakers"),
      mirostat: value("mirostat"),
      mirostatTau: value("mirostat_tau"),
      mirostatEta: value("mirostat_eta"),
      adaptiveTarget: value("adaptive_target"),
      adaptiveDecay: value("adaptive_decay"),
      logitBias: logitBiases(value("logit_bias")),
      ignoreEnd: value("ignore_eos"),
      samplers: value("samplers"),
      seed: request.seed ?? defaults?.seed ?? randomSeed(),
      grammar: null,
      topLogprobs,
      logprobs: request.post_sampling_probs === true ? "after" : "before",
    },
    maxTokens: request.max_tokens ?? defaults?.max_tokens ?? null,
    stop: typeof stop === "string" ? [stop] : (stop ?? defaults?.stop ?? []),
  };
}

/** OpenAI's map has ids as its keys, llama-server's texts too; its list of pairs tells them apart by type. */
function logitBiases(given: SamplingValues["logit_bias"]): LogitBias[] {
  if (Array.isArray(given)) return given.map(([token, bias]) => ({ token, bias }));
  return Object.entries(given).map(([token, bias]) => ({ token: /^\d+$/.test(token) ? Number(token) : token, bias }));
}

import type { GenerationParams, LogitBias } from "../../../protocol/model.ts";
import type { SamplerName } from "../../../protocol/sampling.ts";
import type { ChosenBy } from "../../../protocol/trace-tokens.ts";
import { LLAMA_DEFAULT_SEED } from "./native/llama.generated.ts";

/** One sampler of a chain, before anything native exists: the plan can be tested without a library. */
export type SamplerStep =
  | { readonly kind: "logitBias"; readonly biases: readonly LogitBias[] }
  | { readonly kind: "penalties"; readonly lastN: number; readonly repeat: number; readonly frequency: number; readonly presence: number }
  | DryStep
  | { readonly kind: "topNSigma"; readonly n: number }
  | { readonly kind: "topK"; readonly k: number }
  | { readonly kind: "typical"; readonly p: number }
  | { readonly kind: "topP"; readonly p: number }
  | { readonly kind: "minP"; readonly p: number }
  | { readonly kind: "xtc"; readonly probability: number; readonly threshold: number; readonly seed: number }
  | { readonly kind: "temperature"; readonly temperature: number }
  | { readonly kind: "dynamicTemperature"; readonly temperature: number; readonly range: number; readonly exponent: number }
  | { readonly kind: "greedy" }
  | { readonly kind: "draw"; readonly seed: number }
  | { readonly kind: "mirostat"; readonly version: 1 | 2; readonly seed: number; readonly tau: number; readonly eta: number }
  | { readonly kind: "adaptiveP"; readonly target: number; readonly decay: number; readonly seed: number };

export interface DryStep {
  readonly kind: "dry";
  readonly multiplier: number;
  readonly base: number;
  readonly allowedLength: number;
  readonly lastN: number;
  readonly breakers: readonly string[];
}

/** Below this the most likely token has all of the probability, and a division by something much smaller would overflow. */
const coldest = 1e-6;
/** Where a dynamic temperature stops falling: at 0 llama.cpp would divide by numbers that are too small for a float. */
const coldestDynamic = 1e-3;
/**
 * The share of the best token's probability under which a token goes before samplers that do not bear a probability of zero, for instance
 * because they take its logarithm. Nothing that could ever be drawn is lost.
 */
const vanishing = 1e-30;

export const isGreedy = ({ temperature }: GenerationParams): boolean => temperature < coldest;

/**
 * The chain for these settings: `logit_bias`, then the named samplers in their order, then what chooses the token. Samplers that would do
 * nothing are left out. Greedy and Mirostat take the place of all samplers that cut candidates or draw.
 */
export function planSamplers(params: GenerationParams): SamplerStep[] {
  const steps: SamplerStep[] = params.logitBias.length > 0 ? [{ kind: "logitBias", biases: params.logitBias }] : [];
  const greedy = isGreedy(params);
  const used = params.samplers.filter((name) => greedy ? beforeGreedy.includes(name) : params.mirostat === 0 || beforeMirostat.includes(name));
  for (const name of used) steps.push(...planSampler(name, params));
  steps.push(...(greedy ? [{ kind: "greedy" } as const] : planChoice(params)));
  return steps;
}

const beforeGreedy: readonly SamplerName[] = ["penalties", "dry"];
const beforeMirostat: readonly SamplerName[] = ["penalties", "dry", "temperature"];

function planSampler(name: SamplerName, params: GenerationParams): SamplerStep[] {
  switch (name) {
    case "penalties": return planPenalties(params);
    case "dry": return planDry(params);
    case "top_n_sigma": return params.topNSigma > 0 ? [{ kind: "topNSigma", n: params.topNSigma }] : [];
    case "top_k": return params.topK > 0 ? [{ kind: "topK", k: params.topK }] : [];
    case "typ_p": return params.typicalP < 1 ? [{ kind: "minP", p: vanishing }, { kind: "typical", p: params.typicalP }] : [];
    case "top_p": return params.topP < 1 ? [{ kind: "topP", p: params.topP }] : [];
    case "min_p": return params.minP > 0 ? [{ kind: "minP", p: params.minP }] : [];
    case "xtc": return planXtc(params);
    case "temperature": return planTemperature(params);
    case "adaptive_p": return [];
  }
}

function planPenalties({ repeatLastN: lastN, repeatPenalty: repeat, frequencyPenalty: frequency, presencePenalty: presence }: GenerationParams): SamplerStep[] {
  if (lastN === 0 || (repeat === 1 && frequency === 0 && presence === 0)) return [];
  return [{ kind: "penalties", lastN, repeat, frequency, presence }];
}

function planDry(params: GenerationParams): SamplerStep[] {
  const { dryMultiplier: multiplier, dryBase: base, dryAllowedLength: allowedLength, dryPenaltyLastN: lastN, drySequenceBreakers: breakers } = params;
  return multiplier > 0 && lastN !== 0 ? [{ kind: "dry", multiplier, base, allowedLength, lastN, breakers }] : [];
}

/** Over half of the probability only one token can have, and XTC always leaves one: with a threshold of 0 it would be a forbidden one. */
function planXtc({ xtcProbability: probability, xtcThreshold: threshold, seed }: GenerationParams): SamplerStep[] {
  if (probability === 0 || threshold > 0.5) return [];
  const floor: SamplerStep[] = threshold < vanishing ? [{ kind: "minP", p: vanishing }] : [];
  return [...floor, { kind: "xtc", probability, threshold, seed: usableSeed(seed) }];
}

function planTemperature({ temperature, dynatempRange: range, dynatempExponent: exponent }: GenerationParams): SamplerStep[] {
  if (range > 0) {
    if (temperature - range >= coldestDynamic) return [{ kind: "dynamicTemperature", temperature, range, exponent }];
    const hottest = temperature + range;
    return [{ kind: "dynamicTemperature", temperature: (hottest + coldestDynamic) / 2, range: (hottest - coldestDynamic) / 2, exponent }];
  }
  return temperature === 1 ? [] : [{ kind: "temperature", temperature }];
}

function planChoice({ mirostat, mirostatTau: tau, mirostatEta: eta, adaptiveTarget: target, adaptiveDecay: decay, samplers, seed: asked }: GenerationParams): SamplerStep[] {
  const seed = usableSeed(asked);
  if (mirostat === 1) return [{ kind: "minP", p: vanishing }, { kind: "mirostat", version: 1, seed, tau, eta }];
  if (mirostat === 2) return [{ kind: "mirostat", version: 2, seed, tau, eta }];
  if (target >= 0 && samplers.includes("adaptive_p")) return [{ kind: "adaptiveP", target, decay, seed }];
  return [{ kind: "draw", seed }];
}

/** What decides for a token under these settings, as far as they alone say. */
export function choiceOf(params: GenerationParams): ChosenBy {
  if (isGreedy(params)) return "greedy";
  const last = planSamplers(params).at(-1);
  if (last?.kind === "mirostat") return "mirostat";
  if (last?.kind === "adaptiveP") return "adaptive_p";
  return params.topK === 1 && params.samplers.includes("top_k") ? "only" : "draw";
}

/** llama.cpp reads its default seed as "choose one at random": the one seed that would not be reproducible stands for its neighbour. */
const usableSeed = (seed: number): number => seed === LLAMA_DEFAULT_SEED ? LLAMA_DEFAULT_SEED - 1 : seed;

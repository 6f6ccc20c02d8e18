import type { GenerationParams } from "../../../protocol/model.ts";
import { LLAMA_DEFAULT_SEED, type Binding, type Pointer } from "./native/llama.generated.ts";

/** One sampler of a chain, before anything native exists: the plan can be tested without a library. */
export type SamplerStep =
  | { readonly kind: "greedy" }
  | { readonly kind: "topK"; readonly k: number }
  | { readonly kind: "topP"; readonly p: number }
  | { readonly kind: "minP"; readonly p: number }
  | { readonly kind: "temperature"; readonly temperature: number }
  | { readonly kind: "draw"; readonly seed: number };

/**
 * llama.cpp's usual order: cut the candidates (top-k, top-p, min-p) on the model's own probabilities, then flatten or sharpen what is left
 * with the temperature, then draw. So the same cut holds at every temperature. Samplers that would do nothing are left out.
 */
export function planSamplers(params: GenerationParams): SamplerStep[] {
  if (params.temperature <= 0) return [{ kind: "greedy" }];
  const steps: SamplerStep[] = [];
  if (params.topK > 0) steps.push({ kind: "topK", k: params.topK });
  if (params.topP < 1) steps.push({ kind: "topP", p: params.topP });
  if (params.minP > 0) steps.push({ kind: "minP", p: params.minP });
  if (params.temperature !== 1) steps.push({ kind: "temperature", temperature: params.temperature });
  // llama.cpp reads its default seed as "choose one at random": the one seed that would not be reproducible stands for its neighbour.
  steps.push({ kind: "draw", seed: params.seed === LLAMA_DEFAULT_SEED ? LLAMA_DEFAULT_SEED - 1 : params.seed });
  return steps;
}

/** Builds the native chain; the chain owns its samplers, so `llama_sampler_free` of it frees all. */
export function createSampler(binding: Binding, params: GenerationParams): Pointer {
  const chain = binding.llama_sampler_chain_init({ no_perf: true });
  for (const step of planSamplers(params)) binding.llama_sampler_chain_add(chain, createStep(binding, step));
  return chain;
}

function createStep(binding: Binding, step: SamplerStep): Pointer {
  const keepAtLeast = 1;
  switch (step.kind) {
    case "greedy": return binding.llama_sampler_init_greedy();
    case "topK": return binding.llama_sampler_init_top_k(step.k);
    case "topP": return binding.llama_sampler_init_top_p(step.p, keepAtLeast);
    case "minP": return binding.llama_sampler_init_min_p(step.p, keepAtLeast);
    case "temperature": return binding.llama_sampler_init_temp(step.temperature);
    case "draw": return binding.llama_sampler_init_dist(step.seed);
  }
}

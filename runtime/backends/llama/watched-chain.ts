import type { SamplerStage } from "../backend.ts";
import type { Candidates } from "./candidates.ts";
import type { Binding, Pointer } from "./native/llama.generated.ts";
import type { SamplerStep } from "./sampler-plan.ts";

/** So many candidates are noted after each sampler. */
const noted = 20;

type Settings = SamplerStage["settings"];

/** Applies a chain one sampler at a time, as the chain itself would, and notes what each left of the candidates. */
export class WatchedChain {
  readonly #binding: Binding;
  readonly #chain: Pointer;
  readonly #steps: readonly SamplerStep[];
  #stages: SamplerStage[] = [];

  /** `steps`: the samplers of the chain, in their order. */
  constructor(binding: Binding, chain: Pointer, steps: readonly SamplerStep[]) {
    this.#binding = binding;
    this.#chain = chain;
    this.#steps = steps;
  }

  /** All candidates are there. */
  begin(candidates: Candidates): void {
    this.#stages = [];
    this.note("logits", {}, candidates);
  }

  apply(candidates: Candidates): void {
    for (const [index, step] of this.#steps.entries()) {
      candidates.apply(this.#binding.llama_sampler_chain_get(this.#chain, index));
      this.note(nameOf(step), settingsOf(step), candidates);
    }
  }

  note(name: string, settings: Settings, candidates: Candidates): void {
    this.#stages.push({ name, settings, ...candidates.look(noted) });
  }

  get stages(): readonly SamplerStage[] {
    return this.#stages;
  }
}

const names = {
  logitBias: "logit_bias", penalties: "penalties", dry: "dry", topNSigma: "top_n_sigma", topK: "top_k", typical: "typ_p", topP: "top_p", minP: "min_p", xtc: "xtc",
  temperature: "temperature", dynamicTemperature: "temperature", greedy: "greedy", draw: "draw", mirostat: "mirostat", adaptiveP: "adaptive_p",
} as const satisfies Record<SamplerStep["kind"], string>;

const nameOf = ({ kind }: SamplerStep): string => names[kind];

/** What is a list is given by its length: `logit_bias` may forbid half the vocabulary. */
function settingsOf({ kind: _, ...settings }: SamplerStep): Settings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [snakeCase(name), Array.isArray(value) ? value.length : value as string | number]));
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

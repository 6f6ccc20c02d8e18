import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "../../../base/clock.ts";
import { packageRoot } from "../../../base/package-root.ts";
import { greedyParams, neutralParams, type GenerationParams } from "../../../protocol/model.ts";
import type { AdapterScale, Backend, LoadOptions, SampledToken } from "../../../runtime/backends/backend.ts";
import { loadLlama } from "../../../runtime/backends/llama/index.ts";

export const emberPath = join(packageRoot(import.meta.dirname), "runtime/models/ember/ember-q8_0.gguf");

/** A home folder that does not exist: no GPU library of this machine is picked up. */
const load = loadLlama({ clock: new VirtualClock(), home: join(tmpdir(), "inferno-no-such-home") });

export const emberOptions: LoadOptions = {
  path: emberPath, context: 512, parallel: 4, kvLayout: "auto", kvType: "f16", flashAttention: "auto", batch: 256, threads: 1, gpu: "cpu", gpuLayers: 0,
  draftTokens: 0, candidates: 1, adapters: [], checkMemory: false,
};

export const loadEmber = async (options: Partial<LoadOptions> = {}): Promise<Backend> => load({ ...emberOptions, ...options });

export const greedy: GenerationParams = { ...greedyParams, seed: 1 };
export const creative: GenerationParams = { ...neutralParams, temperature: 1.2, topK: 40, topP: 0.95, minP: 0.01, seed: 1 };

export const chat = (backend: Backend, text: string): number[] =>
  backend.tokenize(`<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`, { addSpecial: true, parseSpecial: true });

export interface Stream {
  readonly sequence: number;
  readonly prompt: readonly number[];
  readonly params: GenerationParams;
  /** Tokens of the prompt that the sequence holds already. */
  readonly held?: number;
  /** Guesses of what follows the answer so far. */
  readonly guess?: (answer: readonly number[]) => readonly (readonly number[])[];
  readonly adapters?: readonly AdapterScale[];
}

/** Runs all streams together, one batch a step, each until its end token or `limit` tokens; the answers in the streams' order. */
export function generate(backend: Backend, streams: readonly Stream[], limit = 48): SampledToken[][] {
  const running = streams.map(({ sequence, prompt, params, held = 0, guess, adapters }) => {
    const sampler = backend.createSampler(params, prompt);
    return { sequence, sampler, guess, adapters, next: prompt.slice(held), position: held, answer: [] as SampledToken[] };
  });
  for (let active = [...running]; active.length > 0;) {
    const { results } = backend.step(active.map(({ sequence, next, position, sampler, guess, adapters, answer }) =>
      ({ sequence, tokens: next, position, sampler, drafts: guess?.(ids(answer)), adapters })));
    for (const [index, stream] of active.entries()) {
      const { tokens } = results[index]!;
      stream.position += stream.next.length + tokens.length - 1;
      stream.next = [tokens.at(-1)!.id];
      stream.answer.push(...tokens);
    }
    active = active.filter(({ answer }) => answer.length < limit && !answer.at(-1)!.isEnd);
  }
  for (const { sequence, sampler } of running) {
    sampler.dispose();
    backend.memory.truncate(sequence, 0);
  }
  return running.map(({ answer }) => answer.slice(0, limit));
}

/** Decodes a prompt and samples nothing. */
export function prefill(backend: Backend, sequence: number, tokens: readonly number[], position = 0): void {
  backend.step([{ sequence, tokens, position, sampler: null }]);
}

export const ids = (answer: readonly SampledToken[]): number[] => answer.map(({ id }) => id);

export const textOf = (backend: Backend, tokens: readonly SampledToken[]): string =>
  Buffer.concat(tokens.map(({ id }) => backend.tokenBytes(id))).toString("utf8");

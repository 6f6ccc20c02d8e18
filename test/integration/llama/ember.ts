import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "../../../base/clock.ts";
import { packageRoot } from "../../../base/package-root.ts";
import { greedyParams, neutralParams, type GenerationParams } from "../../../protocol/model.ts";
import type { Backend, LoadOptions, SampledToken } from "../../../runtime/backends/backend.ts";
import { loadLlama } from "../../../runtime/backends/llama/index.ts";

export const emberPath = join(packageRoot(import.meta.dirname), "runtime/models/ember/ember-q8_0.gguf");

/** A home folder that does not exist: no GPU library of this machine is picked up. */
const load = loadLlama({ clock: new VirtualClock(), home: join(tmpdir(), "inferno-no-such-home") });

export const loadEmber = async (options: Partial<LoadOptions> = {}): Promise<Backend> =>
  load({ path: emberPath, parallel: 4, batch: 256, threads: 1, gpuLayers: 0, context: 512, ...options });

export const greedy: GenerationParams = { ...greedyParams, seed: 1 };
export const creative: GenerationParams = { ...neutralParams, temperature: 1.2, topK: 40, topP: 0.95, minP: 0.01, seed: 1 };

export const chat = (backend: Backend, text: string): number[] =>
  backend.tokenize(`<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`, { addSpecial: true, parseSpecial: true });

export interface Stream {
  readonly sequence: number;
  readonly prompt: readonly number[];
  readonly params: GenerationParams;
}

/** Runs all streams together, one batch a step, each until its end token or `limit` tokens; the answers in the streams' order. */
export function generate(backend: Backend, streams: readonly Stream[], limit = 48): SampledToken[][] {
  const running = streams.map(({ sequence, prompt, params }) => {
    backend.open(sequence, params);
    return { sequence, next: prompt, position: 0, answer: [] as SampledToken[] };
  });
  for (let active = [...running]; active.length > 0;) {
    const { results } = backend.step(active.map(({ sequence, next, position }) => ({ sequence, tokens: next, position, sample: true })));
    for (const [index, stream] of active.entries()) {
      const token = results[index]!.token;
      stream.position += stream.next.length;
      stream.next = [token.id];
      stream.answer.push(token);
    }
    active = active.filter(({ answer }) => answer.length < limit && !answer.at(-1)!.isEnd);
  }
  for (const { sequence } of running) backend.close(sequence);
  return running.map(({ answer }) => answer);
}

export const ids = (answer: readonly SampledToken[]): number[] => answer.map(({ id }) => id);

export const textOf = (backend: Backend, tokens: readonly SampledToken[]): string =>
  Buffer.concat(tokens.map(({ id }) => backend.tokenBytes(id))).toString("utf8");

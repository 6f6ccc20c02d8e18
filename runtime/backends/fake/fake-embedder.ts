import { InfernoError } from "../../../protocol/errors.ts";
import type { Embedder, EmbedderOptions, LoadEmbedder } from "../embedder.ts";
import { realTime, type FakeTime } from "./fake-time.ts";
import { fakeCapacity } from "./index.ts";
import { fakeModelInfo } from "./model-info.ts";
import { parseFakePath } from "./options.ts";
import { byteVocabulary, wordVocabulary } from "./vocabulary.ts";

const width = 8;
const mostInputs = 4;
/** Between query and document; a byte that no text has, and no word either. */
const separator = 0xff;

/** The fake engine as a process of its own would load it. */
export const loadFakeEmbedder: LoadEmbedder = async (options) => fakeEmbedder(realTime(), options);

/** Vectors that depend on nothing but the tokens, and scores that count the tokens a document shares with its query. */
export function fakeEmbedder(time: FakeTime, load: EmbedderOptions): Embedder {
  const options = parseFakePath(load.path);
  time.spend(options.loadUs);
  if (options.loadError !== undefined) throw new InfernoError("model_load_failed", options.loadError);
  load.onProgress?.(1);
  const capacity = fakeCapacity(options, load);
  const words = options.vocabulary === "words" ? wordVocabulary() : byteVocabulary();
  return {
    model: fakeModelInfo(options, capacity),
    limits: { context: Math.min(capacity.context, capacity.batch), tokens: capacity.batch, inputs: mostInputs },
    memoryUse: null,
    tokenize: (text) => words.encode(text),
    tokenBytes: (token) => words.bytes(token),
    pair: (query, document) => [...words.encode(query), separator, ...words.encode(document)],
    embed: (inputs) => {
      const startUs = time.nowUs();
      time.spend(options.stepUs + options.tokenUs * inputs.reduce((sum, { length }) => sum + length, 0));
      return { compute: { startUs, endUs: time.nowUs() }, vectors: inputs.map((tokens) => (load.rank ? Float32Array.of(overlap(tokens)) : vectorOf(tokens))) };
    },
    dispose: () => undefined,
  };
}

function vectorOf(tokens: readonly number[]): Float32Array {
  const sums = Array.from({ length: width }, (_, index) => tokens.reduce((sum, token, place) => sum + Math.sin((token + 1) * (index + 1) + place), 0.1));
  const length = Math.hypot(...sums);
  return Float32Array.from(sums, (value) => value / length);
}

function overlap(tokens: readonly number[]): number {
  const middle = tokens.indexOf(separator);
  const query = new Set(tokens.slice(0, middle));
  return tokens.slice(middle + 1).filter((token) => query.has(token)).length;
}

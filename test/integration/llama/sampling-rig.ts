import { array, encode } from "koffi";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { packageRoot } from "../../../base/package-root.ts";
import type { GenerationParams } from "../../../protocol/model.ts";
import type { SampledToken } from "../../../runtime/backends/backend.ts";
import { findLibraryFolder } from "../../../runtime/backends/llama/native/folder.ts";
import { openLibrary, type Library } from "../../../runtime/backends/llama/native/library.ts";
import { Samplers } from "../../../runtime/backends/llama/samplers.ts";
import { RowLogits } from "../../../runtime/backends/llama/token-facts/row-logits.ts";
import { Vocabulary } from "../../../runtime/backends/llama/vocabulary.ts";

const root = packageRoot(import.meta.dirname);

/** One decoded prompt, from whose logits samplers draw as often as they like: distributions can be tested without a decode for each draw. */
export interface Rig {
  readonly vocabulary: Vocabulary;
  readonly samplers: Samplers;
  readonly row: number;
  /** Decodes a text as the whole of the sequence; its last row is `row`. */
  decode(text: string): void;
  logits(): Float32Array;
  /** Puts other logits in the place of the decoded ones. */
  setLogits(logits: Float32Array): void;
  draw(params: GenerationParams, count: number, history?: readonly number[]): SampledToken[];
  dispose(): void;
}

export function openRig(path = join(root, "runtime/models/ember/ember-q8_0.gguf"), library: Library = openCpuLibrary()): Rig {
  const { binding } = library;
  const modelParams = binding.llama_model_default_params();
  modelParams.n_gpu_layers = 0;
  const model = binding.llama_model_load_from_file(path, modelParams);
  const contextParams = binding.llama_context_default_params();
  Object.assign(contextParams, { n_ctx: 512, n_batch: 512, n_seq_max: 1, n_threads: 1, n_threads_batch: 1, no_perf: true });
  const context = binding.llama_init_from_model(model, contextParams);
  const vocabulary = new Vocabulary(binding, model);
  const logits = new RowLogits(binding, () => context, vocabulary.size);
  const vocab = binding.llama_model_get_vocab(model);
  const samplers = new Samplers({ binding, vocab, vocabulary, context: 512, nativeContext: () => context, logits });
  let row = -1;
  return {
    vocabulary,
    samplers,
    get row() {
      return row;
    },
    decode(text) {
      const tokens = Int32Array.from(vocabulary.tokenize(text, { addSpecial: true, parseSpecial: true }));
      binding.llama_memory_seq_rm(binding.llama_get_memory(context), 0, -1, -1);
      const batch = { n_tokens: tokens.length, token: tokens, embd: null, pos: null, n_seq_id: null, seq_id: null, logits: null };
      if (binding.llama_decode(context, batch) !== 0) throw new Error("decode failed");
      row = tokens.length - 1;
    },
    logits: () => logits.read(row).slice(),
    setLogits: (logits) => encode(binding.llama_get_logits_ith(context, row), array("float", vocabulary.size, "Typed"), logits),
    draw(params, count, history = []) {
      const sampler = samplers.create(params, history);
      try {
        return Array.from({ length: count }, () => sampler.sample(row));
      } finally {
        sampler.dispose();
      }
    },
    dispose() {
      samplers.dispose();
      binding.llama_free(context);
      binding.llama_model_free(model);
    },
  };
}

const openCpuLibrary = (): Library => {
  const { platform, arch } = process;
  return openLibrary(findLibraryFolder({ platform, arch, from: dirname(import.meta.dirname), home: join(tmpdir(), "inferno-no-such-home"), gpu: "cpu" }));
};

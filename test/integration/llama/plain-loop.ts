import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import type { KvType } from "../../../protocol/config.ts";
import { logitsReader } from "../../../runtime/backends/llama/model.ts";
import { findLibraryFolder } from "../../../runtime/backends/llama/native/folder.ts";
import { ggml_type, llama_flash_attn_type } from "../../../runtime/backends/llama/native/llama.generated.ts";
import { openLibrary, type Library } from "../../../runtime/backends/llama/native/library.ts";
import { emberPath } from "./ember.ts";

/** What libllama says with one sequence and nothing of ours around it. */
export interface PlainAnswer {
  /** Without the end token. */
  readonly tokens: readonly number[];
  /** For each of `tokens`, and for the end token behind them, the two highest logits it was chosen from: how near a tie it was. */
  readonly tops: readonly (readonly [best: number, second: number])[];
}

export interface PlainLoop {
  /** The whole prompt in one batch, then token by token, always the most likely one. */
  greedy(prompt: readonly number[], limit: number): PlainAnswer;
  dispose(): void;
}

export const cpuLibrary = (): Library => {
  const { platform, arch } = process;
  return openLibrary(findLibraryFolder({ platform, arch, from: dirname(import.meta.dirname), home: join(tmpdir(), "inferno-no-such-home"), gpu: "cpu" }));
};

/** `cells`: KV cells; llama.cpp computes with other kernels from 512 on. `chunk`: prompt tokens that it takes at once. */
export function openPlainLoop(
  { path = emberPath, kvType = "f16", cells = 512, chunk = 512 }: { path?: string; kvType?: KvType; cells?: number; chunk?: number } = {}, library = cpuLibrary(),
): PlainLoop {
  const { binding } = library;
  const model = binding.llama_model_load_from_file(path, Object.assign(binding.llama_model_default_params(), { n_gpu_layers: 0 }));
  const type = ggml_type[`GGML_TYPE_${kvType.toUpperCase() as Uppercase<KvType>}`];
  const { LLAMA_FLASH_ATTN_TYPE_AUTO, LLAMA_FLASH_ATTN_TYPE_ENABLED } = llama_flash_attn_type;
  const context = binding.llama_init_from_model(model, Object.assign(binding.llama_context_default_params(), {
    n_ctx: cells, n_ubatch: chunk, n_seq_max: 1, n_threads: 1, n_threads_batch: 1, no_perf: true, type_k: type, type_v: type,
    flash_attn_type: kvType.startsWith("q") ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_AUTO,
  }));
  const vocab = binding.llama_model_get_vocab(model);
  const logits = logitsReader(library, () => context, binding.llama_vocab_n_tokens(vocab));

  /** libllama itself fills in sequence 0 and the positions that follow, and keeps the last token's logits. */
  const decode = (tokens: readonly number[]): Float32Array => {
    const batch = { n_tokens: tokens.length, token: Int32Array.from(tokens), embd: null, pos: null, n_seq_id: null, seq_id: null, logits: null };
    if (binding.llama_decode(context, batch) !== 0) throw new Error("decode failed");
    return logits(-1);
  };

  return {
    greedy(prompt, limit) {
      binding.llama_memory_seq_rm(binding.llama_get_memory(context), 0, -1, -1);
      const tokens: number[] = [];
      const tops: [number, number][] = [];
      for (let next = best(decode(prompt)); ; next = best(decode([next.id]))) {
        tops.push(next.top);
        if (binding.llama_vocab_is_eog(vocab, next.id)) break;
        tokens.push(next.id);
        if (tokens.length === limit) break;
      }
      return { tokens, tops };
    },
    dispose() {
      binding.llama_free(context);
      binding.llama_model_free(model);
    },
  };
}

function best(logits: Float32Array): { readonly id: number; readonly top: [number, number] } {
  let id = 0;
  let second = -Infinity;
  for (let other = 1; other < logits.length; other += 1) {
    if (logits[other]! > logits[id]!) {
      second = logits[id]!;
      id = other;
    } else second = Math.max(second, logits[other]!);
  }
  return { id, top: [logits[id]!, second] };
}

import { InfernoError } from "../../../protocol/errors.ts";
import type { BackendCapacity, LoadOptions } from "../backend.ts";
import { ggml_type, llama_flash_attn_type, type Binding, type llama_context_params } from "./native/llama.generated.ts";

/** Tokens computed at once: larger ones gain nothing on a CPU, and the buffers grow with it (300 MiB for 512 × 152k logits). */
export const computeBatch = 512;
/** From so many answers at once on, cells of their own decode faster than one pool (docs/guides/performance.md has the figures). */
const parallelOfOwnCells = 8;
/** Ids for cached prefixes in a unified layout. The buffer of logits has a row for every id, so they are not for nothing. */
const cachedIds = 16;

/** How the KV cache of a context is laid out. */
export interface Layout {
  readonly layout: BackendCapacity["layout"];
  /** Ids that hold answers and cached prefixes; behind them come those that try guesses out. */
  readonly sequences: number;
  readonly trials: number;
  readonly cells: number;
  /** Tokens of one sequence. */
  readonly context: number;
}

export function chooseLayout(options: LoadOptions, context: number, truncates: boolean): Layout {
  const { parallel, kvCells = context * parallel, kvLayout, draftTokens, candidates, deterministic = false } = options;
  const pooled = kvCells < context * parallel;
  if (deterministic) assertCanRepeat({ pooled: pooled || kvLayout === "unified", guesses: draftTokens > 0 });
  if (kvLayout === "per_sequence" && pooled) {
    throw new InfernoError("model_load_failed", `kv_layout: per_sequence needs ${context * parallel} cells (context times parallel), and kv_cells is ${kvCells}.`, {
      param: "kv_cells", hint: "Leave `kv_cells` out, or take `kv_layout: unified`.",
    });
  }
  const own = !truncates || deterministic || kvLayout === "per_sequence" || (kvLayout === "auto" && !pooled && parallel >= parallelOfOwnCells);
  // Whoever is not cut back keeps nothing for others, and a recurrent state takes its full size for every id.
  if (own) return { layout: "per_sequence", sequences: parallel, trials: 0, cells: context * parallel, context };
  const trials = draftTokens > 0 && candidates > 1 ? Math.min(64, parallel * candidates) : 0;
  return { layout: "unified", sequences: 2 * parallel + cachedIds, trials, cells: kvCells, context: Math.min(context, kvCells) };
}

/** In a pool the order of a sequence's cells, and with guesses the width of its steps, depends on what else runs. */
function assertCanRepeat({ pooled, guesses }: { readonly pooled: boolean; readonly guesses: boolean }): void {
  if (pooled) {
    throw new InfernoError("model_load_failed", "deterministic: true needs KV cells of each request's own, and kv_layout or kv_cells asks for one pool.", {
      param: "deterministic", hint: "Leave `kv_layout` and `kv_cells` out.",
    });
  }
  if (guesses) {
    throw new InfernoError("model_load_failed", "deterministic: true and speculation exclude each other: guesses change the width of a step, and with it the rounding.", {
      param: "deterministic", hint: "Set `speculation: {mode: off}`.",
    });
  }
}

export function contextParams(binding: Binding, options: LoadOptions, layout: Layout, onGpu: boolean): llama_context_params {
  const { parallel, batch, draftTokens } = options;
  const params = binding.llama_context_default_params();
  params.n_ctx = layout.cells;
  params.kv_unified = layout.layout === "unified";
  params.n_seq_max = layout.sequences + layout.trials;
  params.n_batch = batch;
  params.n_ubatch = Math.min(batch, computeBatch);
  // A row of logits for the last token of a sequence and for each of its guesses: the output buffers are reserved for that many.
  // llama.cpp counts at least one for every sequence id, and ends the process if that is more.
  params.n_outputs_max = Math.max(params.n_seq_max, Math.min(batch, parallel * (1 + draftTokens)));
  params.n_outputs_max_per_seq = 1 + draftTokens;
  setAttention(params, options);
  params.offload_kqv = onGpu;
  params.op_offload = onGpu;
  params.no_perf = true;
  return params;
}

/** Number format of what attention remembers, and how it adds up. */
export function setAttention(params: llama_context_params, { kvType, flashAttention }: Pick<LoadOptions, "kvType" | "flashAttention">): void {
  const type = ggml_type[`GGML_TYPE_${kvType.toUpperCase() as Uppercase<typeof kvType>}`];
  params.type_k = type;
  params.type_v = type;
  params.flash_attn_type = flashAttentionType(kvType, flashAttention);
}

function flashAttentionType(kvType: LoadOptions["kvType"], flashAttention: LoadOptions["flashAttention"]): number {
  const { LLAMA_FLASH_ATTN_TYPE_AUTO, LLAMA_FLASH_ATTN_TYPE_DISABLED, LLAMA_FLASH_ATTN_TYPE_ENABLED } = llama_flash_attn_type;
  const quantized = kvType.startsWith("q");
  if (quantized && flashAttention === "off") {
    throw new InfernoError("model_load_failed", `kv_type: ${kvType} needs flash attention, and flash_attention is off.`, {
      param: "kv_type", hint: "Set `flash_attention: auto`, or `kv_type: f16`.",
    });
  }
  if (flashAttention === "off") return LLAMA_FLASH_ATTN_TYPE_DISABLED;
  return quantized || flashAttention === "on" ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_AUTO;
}

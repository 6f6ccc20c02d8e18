import type { EmbedderLimits, EmbedderOptions } from "../embedder.ts";
import { setAttention } from "./context-params.ts";
import { llama_pooling_type, type Binding, type llama_context_params, type Pointer } from "./native/llama.generated.ts";

/** Every token of a batch sees all others of its text: the buffers grow with its square, and trained lengths go up to 40,960. */
const longestDefault = 2048;
/** Texts in one batch: many short ones fill a batch of tokens. */
const mostInputs = 64;

/** Tokens of one text. Beyond its trained length a model with learned positions has none, and others have never seen them. */
export const contextOf = ({ context = longestDefault }: EmbedderOptions, trainedContext: number): number => Math.min(context, trainedContext);

export const embedderLimits = ({ batch }: EmbedderOptions, context: number): EmbedderLimits => ({ context, tokens: Math.max(context, batch), inputs: mostInputs });

/** A context that gives vectors or scores and no text. */
export function embedderParams(binding: Binding, model: Pointer, options: EmbedderOptions, limits: EmbedderLimits): llama_context_params {
  const params = binding.llama_context_default_params();
  params.embeddings = true;
  params.pooling_type = poolingOf(binding, model, options);
  // All texts of a batch together, in one pool of cells: none keeps any longer than its batch.
  params.n_ctx = limits.tokens;
  params.kv_unified = true;
  params.n_seq_max = limits.inputs;
  params.n_batch = limits.tokens;
  params.n_ubatch = limits.tokens;
  setAttention(params, options);
  params.no_perf = true;
  return params;
}

/** What the configuration says, else the file; a file that is silent is a generating model's, whose last token has seen all others. */
function poolingOf(binding: Binding, model: Pointer, { pooling, rank }: EmbedderOptions): number {
  const { LLAMA_POOLING_TYPE_RANK, LLAMA_POOLING_TYPE_MEAN, LLAMA_POOLING_TYPE_CLS, LLAMA_POOLING_TYPE_LAST } = llama_pooling_type;
  if (rank) return LLAMA_POOLING_TYPE_RANK;
  if (pooling !== "auto") return { mean: LLAMA_POOLING_TYPE_MEAN, cls: LLAMA_POOLING_TYPE_CLS, last: LLAMA_POOLING_TYPE_LAST }[pooling];
  const said = Number(metadata(binding, model, `${metadata(binding, model, "general.architecture")}.pooling_type`));
  return [LLAMA_POOLING_TYPE_MEAN, LLAMA_POOLING_TYPE_CLS, LLAMA_POOLING_TYPE_LAST].find((type) => type === said) ?? LLAMA_POOLING_TYPE_LAST;
}

/** Short values only. */
function metadata(binding: Binding, model: Pointer, key: string): string {
  const buffer = new Uint8Array(128);
  const length = binding.llama_model_meta_val_str(model, key, buffer, buffer.length);
  return length < 0 ? "" : new TextDecoder().decode(buffer.subarray(0, length));
}

import { ggml_type, gguf_type, LLAMA_MAX_LAYERS, type Binding, type Pointer } from "./native/llama.generated.ts";
import { findVocabularyProblem } from "./vocabulary-check.ts";

/**
 * Looks for what would end the process instead of failing: llama.cpp guards some values with assertions, which abort, and multiplies
 * with any tensor type, also with those that have no product. Returns the reason, or undefined when nothing was found.
 */
export function findHeaderProblem(binding: Binding, header: Pointer, fileSize: number): string | undefined {
  return findMetadataProblem(binding, header) ?? findTensorProblem(binding, header, fileSize);
}

function findMetadataProblem(binding: Binding, header: Pointer): string | undefined {
  const entries = Number(binding.gguf_get_n_kv(header));
  let tokenizer: string | null = null;
  let tokens: string[] = [];
  for (let index = 0; index < entries; index += 1) {
    const key = binding.gguf_get_key(header, index) ?? "";
    // Reading a value as another type than its own aborts.
    const type = binding.gguf_get_kv_type(header, index);
    if (key.endsWith(".block_count") && type === gguf_type.GGUF_TYPE_UINT32) {
      const layers = binding.gguf_get_val_u32(header, index);
      if (layers < 1 || layers > LLAMA_MAX_LAYERS) return `${key} is ${layers}, not between 1 and ${LLAMA_MAX_LAYERS}`;
    }
    if (key.endsWith("_epsilon") && type === gguf_type.GGUF_TYPE_FLOAT32) {
      const epsilon = binding.gguf_get_val_f32(header, index);
      if (!(epsilon >= 0 && epsilon < Infinity)) return `${key} is ${epsilon}, not a small positive number`;
    }
    if (key === "tokenizer.ggml.model" && type === gguf_type.GGUF_TYPE_STRING) tokenizer = binding.gguf_get_val_str(header, index);
    if (key === "tokenizer.ggml.tokens" && type === gguf_type.GGUF_TYPE_ARRAY) tokens = readStrings(binding, header, index);
  }
  return findVocabularyProblem(tokenizer, tokens);
}

/** Whether the file's tags, which converters copy from the model's card, name Matryoshka training: sentence-transformers writes "loss:MatryoshkaLoss". */
export function saysMatryoshka(binding: Binding, header: Pointer): boolean {
  const entries = Array.from({ length: Number(binding.gguf_get_n_kv(header)) }, (_, index) => index);
  const tags = entries.find((entry) => binding.gguf_get_key(header, entry) === "general.tags" && binding.gguf_get_kv_type(header, entry) === gguf_type.GGUF_TYPE_ARRAY);
  return tags !== undefined && readStrings(binding, header, tags).some((tag) => /matryoshka/i.test(tag));
}

function readStrings(binding: Binding, header: Pointer, entry: number): string[] {
  if (binding.gguf_get_arr_type(header, entry) !== gguf_type.GGUF_TYPE_STRING) return [];
  const length = Number(binding.gguf_get_arr_n(header, entry));
  return Array.from({ length }, (_, index) => binding.gguf_get_arr_str(header, entry, index) ?? "");
}

/** Types of intermediate results and of tables of integers, which no weight matrix can have. */
const typesWithoutProduct: ReadonlySet<number> = new Set([
  ggml_type.GGML_TYPE_Q8_1, ggml_type.GGML_TYPE_Q8_K, ggml_type.GGML_TYPE_I8, ggml_type.GGML_TYPE_I16, ggml_type.GGML_TYPE_I32,
  ggml_type.GGML_TYPE_I64, ggml_type.GGML_TYPE_F64,
]);
/** Tables that map ids to ids: the draft's vocabulary to the model's, tokens to experts. */
const idTable = /2/;

function findTensorProblem(binding: Binding, header: Pointer, fileSize: number): string | undefined {
  const tensors = Number(binding.gguf_get_n_tensors(header));
  if (tensors === 0) return "it holds no tensors";
  const start = Number(binding.gguf_get_data_offset(header));
  for (let index = 0; index < tensors; index += 1) {
    const name = binding.gguf_get_tensor_name(header, index) ?? String(index);
    const type = binding.gguf_get_tensor_type(header, index);
    if (typesWithoutProduct.has(type) && !idTable.test(name.replaceAll(/\d+\./g, ""))) {
      return `the tensor "${name}" has the type number ${type}, which no weights have`;
    }
    const end = start + Number(binding.gguf_get_tensor_offset(header, index)) + Number(binding.gguf_get_tensor_size(header, index));
    if (end > fileSize) return `it is truncated: the tensor "${name}" ends at byte ${end}, but the file has ${fileSize}`;
  }
  return undefined;
}

import type { Library } from "../native/library.ts";
import { gguf_type, type Pointer } from "../native/llama.generated.ts";

/**
 * Two overrides of metadata that make llama.cpp load no vocabulary, only its size: tokens take most of the time of a load without weights (250 of
 * 310 ms for 152,000) and none of the buffers depends on what they say. Undefined for a file without a vocabulary.
 *
 * `llama_model_kv_override` holds a union, which the generated binding does not cover: int tag; char key[128]; 8-byte aligned, 128 bytes of value.
 * A test compares such a load with one of the whole file.
 */
export function withoutVocabulary({ binding }: Library, header: Pointer): Uint8Array | undefined {
  let architecture: string | null = null;
  let tokens = 0;
  for (let entry = 0; entry < Number(binding.gguf_get_n_kv(header)); entry += 1) {
    const key = binding.gguf_get_key(header, entry);
    const type = binding.gguf_get_kv_type(header, entry);
    if (key === "general.architecture" && type === gguf_type.GGUF_TYPE_STRING) architecture = binding.gguf_get_val_str(header, entry);
    if (key === "tokenizer.ggml.tokens" && type === gguf_type.GGUF_TYPE_ARRAY) tokens = Number(binding.gguf_get_arr_n(header, entry));
  }
  if (architecture === null || tokens === 0) return undefined;
  // The last of three is empty: its key of no length ends the list.
  const overrides = Buffer.alloc(3 * overrideBytes);
  overrides.writeInt32LE(textTag, 0);
  overrides.write("tokenizer.ggml.model", keyAt, mostKeyBytes, "utf8");
  overrides.write("none", valueAt, "utf8");
  overrides.writeInt32LE(integerTag, overrideBytes);
  overrides.write(`${architecture}.vocab_size`, overrideBytes + keyAt, mostKeyBytes, "utf8");
  overrides.writeBigInt64LE(BigInt(tokens), overrideBytes + valueAt);
  return overrides;
}

const overrideBytes = 264;
const keyAt = 4;
const mostKeyBytes = 127;
const valueAt = 136;
const integerTag = 0;
const textTag = 3;

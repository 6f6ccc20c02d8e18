import { cpus } from "node:os";
import { basename } from "node:path";

import type { ModelInfo } from "../../../protocol/model.ts";
import type { Library } from "./native/library.ts";
import type { Pointer } from "./native/llama.generated.ts";
import type { Vocabulary } from "./vocabulary.ts";

export function readModelInfo({ binding, folder }: Library, model: Pointer, vocabulary: Vocabulary, path: string): ModelInfo {
  const metadata = (key: string): string | undefined => {
    // snprintf's convention: the length that it would have written; -1 when the key is missing.
    let buffer = new Uint8Array(256);
    const length = binding.llama_model_meta_val_str(model, key, buffer, buffer.length);
    if (length < 0) return undefined;
    if (length >= buffer.length) {
      buffer = new Uint8Array(length + 1);
      binding.llama_model_meta_val_str(model, key, buffer, buffer.length);
    }
    return new TextDecoder().decode(buffer.subarray(0, length));
  };
  return {
    engine: "llama",
    architecture: metadata("general.architecture") ?? "unknown",
    name: metadata("general.name") || basename(path, ".gguf"),
    parameters: Number(binding.llama_model_n_params(model)),
    sizeBytes: Number(binding.llama_model_size(model)),
    quantization: binding.llama_ftype_name(binding.llama_model_ftype(model)) ?? "unknown",
    trainedContext: binding.llama_model_n_ctx_train(model),
    vocabulary: vocabulary.size,
    chatTemplate: binding.llama_model_chat_template(model, null),
    bosToken: vocabulary.bosText,
    eosToken: vocabulary.eosText,
    library: `llama.cpp ${folder.release}`,
    device: { kind: "cpu", name: cpus()[0]?.model.trim() ?? "CPU", layers: 0, reason: "" },
  };
}

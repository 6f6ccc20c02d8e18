import { array, decode, pointer, register, unregister } from "koffi";

import { InfernoError } from "../../../protocol/errors.ts";
import type { LoadOptions } from "../backend.ts";
import type { Library } from "./native/library.ts";
import type { Binding, llama_context_params, llama_model_params, Pointer } from "./native/llama.generated.ts";

/** Beyond this, positions have nothing to do with what the model learned, and the number is more likely a slip of the keyboard. */
const longestStretch = 8;

/** `layers` of it on a GPU; 0 keeps all on the CPU. */
export function modelParams(binding: Binding, layers: number): llama_model_params {
  const params = binding.llama_model_default_params();
  params.n_gpu_layers = layers;
  // An empty list of devices: Metal would otherwise compute long prompts even with no layer offloaded.
  if (layers === 0) params.devices = BigUint64Array.of(0n);
  return params;
}

export function loadModel({ binding, log }: Library, { path, onProgress }: Pick<LoadOptions, "path" | "onProgress">, params: llama_model_params): Pointer {
  const onFraction = (fraction: number): boolean => {
    onProgress?.(fraction);
    return true;
  };
  const callback = onProgress ? register(onFraction, pointer(binding.types.llama_progress_callback)) : null;
  params.progress_callback = callback;
  log.clear();
  try {
    const model = binding.llama_model_load_from_file(path, params);
    if (model === null) throw loadError(refusalCode(log.summary()), `load ${path}`, log.summary());
    return model;
  } finally {
    if (callback !== null) unregister(callback);
  }
}

/** A context of the model; `params` as in context-params.ts. */
export function createContext({ binding, log }: Library, model: Pointer, params: llama_context_params, { path, parallel }: LoadOptions): Pointer {
  log.clear();
  const native = binding.llama_init_from_model(model, params);
  if (native !== null) return native;
  throw loadError("model_load_failed", `make room for ${params.n_ctx} tokens, ${parallel} requests at once, with ${path}`, log.summary());
}

/**
 * Every sequence can have this much memory. Models are trained for ever more: the 40,960 tokens of a 0.6B model, at 112 KiB each
 * and for four sequences, were 18 GiB.
 */
const longestDefault = 8192;

/** Tokens of context for each sequence: what was asked for, within reason, or what the model was trained for, within another. */
export function chooseContext(path: string, asked: number | undefined, trained: number): number {
  if (asked === undefined) return Math.min(trained, longestDefault);
  if (trained > 0 && asked > longestStretch * trained) {
    const message = `A context of ${asked} tokens is more than ${longestStretch} times the ${trained} that ${path} was trained for.`;
    throw new InfernoError("model_load_failed", message, { param: "context", hint: `Set \`context\` to ${trained} or less.` });
  }
  return asked;
}

/** Refuses what loads but cannot continue a text token by token: the first step would end the process. */
export function checkGenerates({ binding }: Library, model: Pointer, path: string): void {
  const refuse = (reason: string): InfernoError => new InfernoError("model_load_failed", `${path} cannot generate text: ${reason}.`);
  if (binding.llama_vocab_n_tokens(binding.llama_model_get_vocab(model)) === 0) throw refuse("it has no vocabulary");
  if (binding.llama_model_has_encoder(model)) throw refuse("encoder-decoder models are not supported");
  if (!binding.llama_model_has_decoder(model)) throw refuse("it has no decoder");
}

/** Reads a copy of the logits of one row of the last batch. */
export function logitsReader({ binding }: Library, context: () => Pointer, vocabulary: number): (row: number) => Float32Array {
  // Once for all tokens: koffi keeps every type that is made. A view without a copy is not possible everywhere, Electron forbids it.
  const type = array("float", vocabulary, "Typed");
  return (row) => decode(binding.llama_get_logits_ith(context(), row), type) as Float32Array;
}

/**
 * llama.cpp gives no code, only its log. The file was whole (see model-file.ts), so a refusal means that its content contradicts
 * itself, unless the log says that the machine or the release is at fault.
 */
export function refusalCode(log: string): "model_file_invalid" | "model_load_failed" {
  return /unknown model architecture|unknown pre-tokenizer|allocat|memory|mmap|not supported/i.test(log) ? "model_load_failed" : "model_file_invalid";
}

export function loadError(code: "model_file_invalid" | "model_load_failed", attempt: string, log: string): InfernoError {
  return new InfernoError(code, `llama.cpp could not ${attempt}: ${log.replace(/\.$/, "") || "no reason given"}.`);
}

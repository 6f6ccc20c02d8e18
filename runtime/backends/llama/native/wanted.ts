/** What the backend uses of llama.cpp: the generator looks each of these up in the headers and writes `llama.generated.ts`. */
export interface Wanted {
  readonly headers: readonly string[];
  /** Functions by the library that exports them; on Windows a symbol is only found in its own library. */
  readonly functions: Readonly<Record<LibraryName, readonly string[]>>;
  /** Functions that are not exported but handed out by `ggml_backend_reg_get_proc_address`, and the callback types. */
  readonly prototypes: readonly string[];
  readonly enums: readonly string[];
  readonly constants: readonly string[];
  /** Structs that are used in memory (by pointer), besides those that functions take or return by value. */
  readonly structs: readonly string[];
  /** `function.parameter` of `const char *` that is text with a length, not a zero-terminated string: it may hold zeros. */
  readonly bytes: readonly string[];
}

export type LibraryName = "llama" | "ggml" | "ggmlBase";

export const wanted: Wanted = {
  headers: [
    "ggml/include/ggml.h",
    "ggml/include/ggml-cpu.h",
    "ggml/include/ggml-backend.h",
    "ggml/include/gguf.h",
    "include/llama.h",
    "src/llama-hparams.h",
  ],
  functions: {
    llama: [
      "llama_version",
      "llama_log_set",
      "llama_backend_init",
      "llama_model_default_params",
      "llama_context_default_params",
      "llama_sampler_chain_default_params",
      "llama_model_load_from_file",
      "llama_model_free",
      "llama_model_n_ctx_train",
      "llama_model_n_params",
      "llama_model_size",
      "llama_model_ftype",
      "llama_ftype_name",
      "llama_model_meta_val_str",
      "llama_model_chat_template",
      "llama_model_has_encoder",
      "llama_model_has_decoder",
      "llama_model_get_vocab",
      "llama_vocab_n_tokens",
      "llama_vocab_get_text",
      "llama_vocab_is_eog",
      "llama_vocab_bos",
      "llama_vocab_eos",
      "llama_tokenize",
      "llama_token_to_piece",
      "llama_init_from_model",
      "llama_free",
      "llama_n_batch",
      "llama_attach_threadpool",
      "llama_get_memory",
      "llama_memory_seq_rm",
      "llama_decode",
      "llama_synchronize",
      "llama_get_logits_ith",
      "llama_vocab_eot",
      "llama_vocab_get_suppress_tokens",
      "llama_sampler_chain_init",
      "llama_sampler_chain_add",
      "llama_sampler_init_greedy",
      "llama_sampler_init_dist",
      "llama_sampler_init_top_k",
      "llama_sampler_init_top_p",
      "llama_sampler_init_min_p",
      "llama_sampler_init_typical",
      "llama_sampler_init_temp",
      "llama_sampler_init_temp_ext",
      "llama_sampler_init_xtc",
      "llama_sampler_init_top_n_sigma",
      "llama_sampler_init_mirostat",
      "llama_sampler_init_mirostat_v2",
      "llama_sampler_init_grammar",
      "llama_sampler_init_penalties",
      "llama_sampler_init_dry",
      "llama_sampler_init_adaptive_p",
      "llama_sampler_init_logit_bias",
      "llama_sampler_apply",
      "llama_sampler_accept",
      "llama_sampler_clone",
      "llama_sampler_sample",
      "llama_sampler_free",
    ],
    ggml: ["ggml_backend_load_all_from_path", "ggml_backend_dev_count", "ggml_backend_dev_by_type"],
    ggmlBase: [
      "ggml_backend_dev_backend_reg",
      "ggml_backend_reg_get_proc_address",
      "ggml_threadpool_params_init",
      "gguf_init_from_file",
      "gguf_free",
      "gguf_get_data_offset",
      "gguf_get_arr_n",
      "gguf_get_arr_str",
      "gguf_get_arr_type",
      "gguf_get_n_kv",
      "gguf_get_key",
      "gguf_get_kv_type",
      "gguf_get_val_u32",
      "gguf_get_val_f32",
      "gguf_get_val_str",
      "gguf_get_n_tensors",
      "gguf_get_tensor_name",
      "gguf_get_tensor_type",
      "gguf_get_tensor_offset",
      "gguf_get_tensor_size",
    ],
  },
  prototypes: ["ggml_threadpool_new", "ggml_threadpool_free", "ggml_log_callback", "llama_progress_callback"],
  enums: ["ggml_backend_dev_type", "ggml_log_level", "ggml_type", "gguf_type"],
  constants: ["GGML_MAX_N_THREADS", "LLAMA_DEFAULT_SEED", "LLAMA_MAX_LAYERS"],
  structs: ["ggml_threadpool_params", "llama_token_data", "llama_token_data_array", "llama_logit_bias"],
  bytes: ["llama_tokenize.text"],
};

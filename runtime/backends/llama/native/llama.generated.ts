// Generated from llama.cpp v0.5.0 by runtime/backends/llama/native/generate.ts. Do not edit: change wanted.ts and generate it again.
import { array, proto, struct, type LibraryHandle, type TypeObject } from "koffi";

export const release = "v0.5.0";

/** An address; null is NULL. */
export type Pointer = bigint | null;
/** What a C pointer parameter takes: an address, or the memory of a typed array. */
export type Memory = Pointer | ArrayBufferView;
/** A 64-bit integer: a number while it is exact. */
export type Wide = number | bigint;

export const GGML_MAX_N_THREADS = 512;
export const LLAMA_DEFAULT_SEED = 4294967295;
export const LLAMA_MAX_LAYERS = 512;
export const GGML_MAX_DIMS = 4;
export const GGML_MAX_SRC = 10;

export const ggml_backend_dev_type = {
  GGML_BACKEND_DEVICE_TYPE_CPU: 0, GGML_BACKEND_DEVICE_TYPE_GPU: 1, GGML_BACKEND_DEVICE_TYPE_IGPU: 2,
  GGML_BACKEND_DEVICE_TYPE_ACCEL: 3, GGML_BACKEND_DEVICE_TYPE_META: 4,
} as const;

export const ggml_op = {
  GGML_OP_NONE: 0, GGML_OP_DUP: 1, GGML_OP_ADD: 2, GGML_OP_ADD_ID: 3, GGML_OP_ADD1: 4, GGML_OP_ACC: 5,
  GGML_OP_SUB: 6, GGML_OP_MUL: 7, GGML_OP_DIV: 8, GGML_OP_SQR: 9, GGML_OP_SQRT: 10, GGML_OP_LOG: 11,
  GGML_OP_SIN: 12, GGML_OP_COS: 13, GGML_OP_SUM: 14, GGML_OP_SUM_ROWS: 15, GGML_OP_CUMSUM: 16,
  GGML_OP_MEAN: 17, GGML_OP_ARGMAX: 18, GGML_OP_COUNT_EQUAL: 19, GGML_OP_REPEAT: 20, GGML_OP_REPEAT_BACK: 21,
  GGML_OP_CONCAT: 22, GGML_OP_SILU_BACK: 23, GGML_OP_NORM: 24, GGML_OP_RMS_NORM: 25,
  GGML_OP_RMS_NORM_BACK: 26, GGML_OP_GROUP_NORM: 27, GGML_OP_L2_NORM: 28, GGML_OP_MUL_MAT: 29,
  GGML_OP_MUL_MAT_ID: 30, GGML_OP_OUT_PROD: 31, GGML_OP_SCALE: 32, GGML_OP_SET: 33, GGML_OP_CPY: 34,
  GGML_OP_CONT: 35, GGML_OP_RESHAPE: 36, GGML_OP_VIEW: 37, GGML_OP_PERMUTE: 38, GGML_OP_TRANSPOSE: 39,
  GGML_OP_GET_ROWS: 40, GGML_OP_GET_ROWS_BACK: 41, GGML_OP_SET_ROWS: 42, GGML_OP_DIAG: 43,
  GGML_OP_DIAG_MASK_INF: 44, GGML_OP_DIAG_MASK_ZERO: 45, GGML_OP_SOFT_MAX: 46, GGML_OP_SOFT_MAX_BACK: 47,
  GGML_OP_ROPE: 48, GGML_OP_ROPE_BACK: 49, GGML_OP_CLAMP: 50, GGML_OP_CONV_TRANSPOSE_1D: 51,
  GGML_OP_IM2COL: 52, GGML_OP_IM2COL_BACK: 53, GGML_OP_IM2COL_3D: 54, GGML_OP_COL2IM_1D: 55,
  GGML_OP_CONV_2D: 56, GGML_OP_CONV_3D: 57, GGML_OP_CONV_2D_DW: 58, GGML_OP_CONV_TRANSPOSE_2D: 59,
  GGML_OP_POOL_1D: 60, GGML_OP_POOL_2D: 61, GGML_OP_POOL_2D_BACK: 62, GGML_OP_UPSCALE: 63, GGML_OP_PAD: 64,
  GGML_OP_PAD_REFLECT_1D: 65, GGML_OP_ROLL: 66, GGML_OP_ARANGE: 67, GGML_OP_TIMESTEP_EMBEDDING: 68,
  GGML_OP_ARGSORT: 69, GGML_OP_TOP_K: 70, GGML_OP_LEAKY_RELU: 71, GGML_OP_TRI: 72, GGML_OP_FILL: 73,
  GGML_OP_FLASH_ATTN_EXT: 74, GGML_OP_FLASH_ATTN_BACK: 75, GGML_OP_SSM_CONV: 76, GGML_OP_SSM_SCAN: 77,
  GGML_OP_WIN_PART: 78, GGML_OP_WIN_UNPART: 79, GGML_OP_GET_REL_POS: 80, GGML_OP_ADD_REL_POS: 81,
  GGML_OP_RWKV_WKV6: 82, GGML_OP_GATED_LINEAR_ATTN: 83, GGML_OP_RWKV_WKV7: 84, GGML_OP_SOLVE_TRI: 85,
  GGML_OP_GATED_DELTA_NET: 86, GGML_OP_LIGHTNING_INDEXER: 87, GGML_OP_DSV4_HC_COMB: 88,
  GGML_OP_DSV4_HC_PRE: 89, GGML_OP_DSV4_HC_POST: 90, GGML_OP_UNARY: 91, GGML_OP_MAP_CUSTOM1: 92,
  GGML_OP_MAP_CUSTOM2: 93, GGML_OP_MAP_CUSTOM3: 94, GGML_OP_CUSTOM: 95, GGML_OP_CROSS_ENTROPY_LOSS: 96,
  GGML_OP_CROSS_ENTROPY_LOSS_BACK: 97, GGML_OP_OPT_STEP_ADAMW: 98, GGML_OP_OPT_STEP_SGD: 99, GGML_OP_GLU: 100,
  GGML_OP_COUNT: 101,
} as const;

export const ggml_log_level = {
  GGML_LOG_LEVEL_NONE: 0, GGML_LOG_LEVEL_DEBUG: 1, GGML_LOG_LEVEL_INFO: 2, GGML_LOG_LEVEL_WARN: 3,
  GGML_LOG_LEVEL_ERROR: 4, GGML_LOG_LEVEL_CONT: 5,
} as const;

export const ggml_type = {
  GGML_TYPE_F32: 0, GGML_TYPE_F16: 1, GGML_TYPE_Q4_0: 2, GGML_TYPE_Q4_1: 3, GGML_TYPE_Q5_0: 6,
  GGML_TYPE_Q5_1: 7, GGML_TYPE_Q8_0: 8, GGML_TYPE_Q8_1: 9, GGML_TYPE_Q2_K: 10, GGML_TYPE_Q3_K: 11,
  GGML_TYPE_Q4_K: 12, GGML_TYPE_Q5_K: 13, GGML_TYPE_Q6_K: 14, GGML_TYPE_Q8_K: 15, GGML_TYPE_IQ2_XXS: 16,
  GGML_TYPE_IQ2_XS: 17, GGML_TYPE_IQ3_XXS: 18, GGML_TYPE_IQ1_S: 19, GGML_TYPE_IQ4_NL: 20, GGML_TYPE_IQ3_S: 21,
  GGML_TYPE_IQ2_S: 22, GGML_TYPE_IQ4_XS: 23, GGML_TYPE_I8: 24, GGML_TYPE_I16: 25, GGML_TYPE_I32: 26,
  GGML_TYPE_I64: 27, GGML_TYPE_F64: 28, GGML_TYPE_IQ1_M: 29, GGML_TYPE_BF16: 30, GGML_TYPE_TQ1_0: 34,
  GGML_TYPE_TQ2_0: 35, GGML_TYPE_MXFP4: 39, GGML_TYPE_NVFP4: 40, GGML_TYPE_Q1_0: 41, GGML_TYPE_Q2_0: 42,
  GGML_TYPE_COUNT: 43,
} as const;

export const gguf_type = {
  GGUF_TYPE_UINT8: 0, GGUF_TYPE_INT8: 1, GGUF_TYPE_UINT16: 2, GGUF_TYPE_INT16: 3, GGUF_TYPE_UINT32: 4,
  GGUF_TYPE_INT32: 5, GGUF_TYPE_FLOAT32: 6, GGUF_TYPE_BOOL: 7, GGUF_TYPE_STRING: 8, GGUF_TYPE_ARRAY: 9,
  GGUF_TYPE_UINT64: 10, GGUF_TYPE_INT64: 11, GGUF_TYPE_FLOAT64: 12, GGUF_TYPE_COUNT: 13,
} as const;

export const llama_pooling_type = {
  LLAMA_POOLING_TYPE_UNSPECIFIED: -1, LLAMA_POOLING_TYPE_NONE: 0, LLAMA_POOLING_TYPE_MEAN: 1,
  LLAMA_POOLING_TYPE_CLS: 2, LLAMA_POOLING_TYPE_LAST: 3, LLAMA_POOLING_TYPE_RANK: 4,
} as const;

export const llama_flash_attn_type = {
  LLAMA_FLASH_ATTN_TYPE_AUTO: -1, LLAMA_FLASH_ATTN_TYPE_DISABLED: 0, LLAMA_FLASH_ATTN_TYPE_ENABLED: 1,
} as const;

export interface llama_model_params {
  devices: Memory;
  tensor_buft_overrides: Memory;
  n_gpu_layers: number;
  split_mode: number;
  load_mode: number;
  lazy_mode: number;
  main_gpu: number;
  tensor_split: Memory;
  progress_callback: Memory;
  progress_callback_user_data: Memory;
  kv_overrides: Memory;
  vocab_only: boolean;
  check_tensors: boolean;
  use_extra_bufts: boolean;
  no_host: boolean;
  no_alloc: boolean;
  load_mtp: boolean;
}

export interface llama_context_params {
  n_ctx: number;
  n_batch: number;
  n_ubatch: number;
  n_seq_max: number;
  n_rs_seq: number;
  n_outputs_max: number;
  n_outputs_max_per_seq: number;
  n_threads: number;
  n_threads_batch: number;
  ctx_type: number;
  rope_scaling_type: number;
  pooling_type: number;
  attention_type: number;
  flash_attn_type: number;
  rope_freq_base: number;
  rope_freq_scale: number;
  yarn_ext_factor: number;
  yarn_attn_factor: number;
  yarn_beta_fast: number;
  yarn_beta_slow: number;
  yarn_orig_ctx: number;
  defrag_thold: number;
  cb_eval: Memory;
  cb_eval_user_data: Memory;
  type_k: number;
  type_v: number;
  abort_callback: Memory;
  abort_callback_data: Memory;
  embeddings: boolean;
  offload_kqv: boolean;
  no_perf: boolean;
  op_offload: boolean;
  swa_full: boolean;
  kv_unified: boolean;
  samplers: Memory;
  n_samplers: Wide;
  ctx_other: Memory;
}

export interface llama_sampler_chain_params {
  no_perf: boolean;
}

export interface llama_batch {
  n_tokens: number;
  token: Memory;
  embd: Memory;
  pos: Memory;
  n_seq_id: Memory;
  seq_id: Memory;
  logits: Memory;
}

export interface ggml_init_params {
  mem_size: Wide;
  mem_buffer: Memory;
  no_alloc: boolean;
}

export interface gguf_init_params {
  no_alloc: boolean;
  ctx: Memory;
}

export interface ggml_threadpool_params {
  cpumask: boolean[];
  n_threads: number;
  prio: number;
  poll: number;
  strict_cpu: boolean;
  paused: boolean;
}

export interface llama_token_data {
  id: number;
  logit: number;
  p: number;
}

export interface llama_token_data_array {
  data: Memory;
  size: Wide;
  selected: Wide;
  sorted: boolean;
}

export interface llama_logit_bias {
  token: number;
  bias: number;
}

export interface ggml_tensor {
  type: number;
  buffer: Memory;
  ne: Wide[];
  nb: Wide[];
  op: number;
  op_params: number[];
  flags: number;
  src: Memory[];
  view_src: Memory;
  view_offs: Wide;
  data: Memory;
  name: number[];
  extra: Memory;
  padding: number[];
}

export interface Libraries {
  readonly llama: LibraryHandle;
  readonly ggml: LibraryHandle;
  readonly ggmlBase: LibraryHandle;
}

export interface Binding {
  readonly types: Readonly<Record<"ggml_threadpool_params" | "llama_token_data" | "llama_token_data_array" | "llama_logit_bias" | "ggml_tensor" | "ggml_threadpool_new" | "ggml_threadpool_free" | "ggml_log_callback" | "llama_progress_callback" | "ggml_backend_sched_eval_callback" | "ggml_backend_cpu_set_threadpool" | "ggml_backend_cpu_set_n_threads", TypeObject>>;
  readonly llama_version: () => string | null;
  readonly llama_log_set: (log_callback: Memory, user_data: Memory) => void;
  readonly llama_backend_init: () => void;
  readonly llama_model_default_params: () => llama_model_params;
  readonly llama_context_default_params: () => llama_context_params;
  readonly llama_sampler_chain_default_params: () => llama_sampler_chain_params;
  readonly llama_model_load_from_file: (path_model: string | null, params: llama_model_params) => Pointer;
  readonly llama_model_free: (model: Memory) => void;
  readonly llama_model_n_ctx_train: (model: Memory) => number;
  readonly llama_model_n_params: (model: Memory) => Wide;
  readonly llama_model_n_layer: (model: Memory) => number;
  readonly llama_model_size: (model: Memory) => Wide;
  readonly llama_model_ftype: (model: Memory) => number;
  readonly llama_ftype_name: (ftype: number) => string | null;
  readonly llama_model_meta_val_str: (model: Memory, key: string | null, buf: Memory, buf_size: Wide) => number;
  readonly llama_model_chat_template: (model: Memory, name: string | null) => string | null;
  readonly llama_model_has_encoder: (model: Memory) => boolean;
  readonly llama_model_has_decoder: (model: Memory) => boolean;
  readonly llama_model_get_vocab: (model: Memory) => Pointer;
  readonly llama_vocab_n_tokens: (vocab: Memory) => number;
  readonly llama_vocab_get_text: (vocab: Memory, token: number) => string | null;
  readonly llama_vocab_is_eog: (vocab: Memory, token: number) => boolean;
  readonly llama_vocab_bos: (vocab: Memory) => number;
  readonly llama_vocab_sep: (vocab: Memory) => number;
  readonly llama_vocab_get_add_bos: (vocab: Memory) => boolean;
  readonly llama_vocab_get_add_eos: (vocab: Memory) => boolean;
  readonly llama_vocab_get_add_sep: (vocab: Memory) => boolean;
  readonly llama_vocab_fim_pre: (vocab: Memory) => number;
  readonly llama_vocab_fim_suf: (vocab: Memory) => number;
  readonly llama_vocab_fim_mid: (vocab: Memory) => number;
  readonly llama_vocab_fim_rep: (vocab: Memory) => number;
  readonly llama_vocab_fim_sep: (vocab: Memory) => number;
  readonly llama_vocab_eos: (vocab: Memory) => number;
  readonly llama_tokenize: (vocab: Memory, text: Memory, text_len: number, tokens: Memory, n_tokens_max: number, add_special: boolean, parse_special: boolean) => number;
  readonly llama_token_to_piece: (vocab: Memory, token: number, buf: Memory, length: number, lstrip: number, special: boolean) => number;
  readonly llama_init_from_model: (model: Memory, params: llama_context_params) => Pointer;
  readonly llama_free: (ctx: Memory) => void;
  readonly llama_n_batch: (ctx: Memory) => number;
  readonly llama_attach_threadpool: (ctx: Memory, threadpool: Memory, threadpool_batch: Memory) => void;
  readonly llama_set_n_threads: (ctx: Memory, n_threads: number, n_threads_batch: number) => void;
  readonly llama_get_memory: (ctx: Memory) => Pointer;
  readonly llama_memory_seq_rm: (mem: Memory, seq_id: number, p0: number, p1: number) => boolean;
  readonly llama_memory_seq_cp: (mem: Memory, seq_id_src: number, seq_id_dst: number, p0: number, p1: number) => void;
  readonly llama_memory_seq_add: (mem: Memory, seq_id: number, p0: number, p1: number, delta: number) => void;
  readonly llama_memory_can_shift: (mem: Memory) => boolean;
  readonly llama_state_seq_get_size: (ctx: Memory, seq_id: number) => Wide;
  readonly llama_state_seq_get_data: (ctx: Memory, dst: Memory, size: Wide, seq_id: number) => Wide;
  readonly llama_state_seq_set_data: (ctx: Memory, src: Memory, size: Wide, dest_seq_id: number) => Wide;
  readonly llama_state_get_size: (ctx: Memory) => Wide;
  readonly llama_state_get_data: (ctx: Memory, dst: Memory, size: Wide) => Wide;
  readonly llama_state_set_data: (ctx: Memory, src: Memory, size: Wide) => Wide;
  readonly llama_model_is_recurrent: (model: Memory) => boolean;
  readonly llama_model_is_hybrid: (model: Memory) => boolean;
  readonly llama_n_ctx_seq: (ctx: Memory) => number;
  readonly llama_adapter_lora_init: (model: Memory, path_lora: string | null) => Pointer;
  readonly llama_adapter_lora_free: (adapter: Memory) => void;
  readonly llama_set_adapters_lora: (ctx: Memory, adapters: Memory, n_adapters: Wide, scales: Memory) => number;
  readonly llama_decode: (ctx: Memory, batch: llama_batch) => number;
  readonly llama_encode: (ctx: Memory, batch: llama_batch) => number;
  readonly llama_memory_clear: (mem: Memory, data: boolean) => void;
  readonly llama_model_n_embd_out: (model: Memory) => number;
  readonly llama_model_n_cls_out: (model: Memory) => number;
  readonly llama_pooling_type: (ctx: Memory) => number;
  readonly llama_get_embeddings_seq: (ctx: Memory, seq_id: number) => Pointer;
  readonly llama_synchronize: (ctx: Memory) => void;
  readonly llama_get_logits_ith: (ctx: Memory, i: number) => Pointer;
  readonly llama_vocab_eot: (vocab: Memory) => number;
  readonly llama_vocab_get_suppress_tokens: (vocab: Memory, n_suppress_tokens: Memory) => Pointer;
  readonly llama_sampler_chain_init: (params: llama_sampler_chain_params) => Pointer;
  readonly llama_sampler_chain_add: (chain: Memory, smpl: Memory) => void;
  readonly llama_sampler_init_greedy: () => Pointer;
  readonly llama_sampler_init_dist: (seed: number) => Pointer;
  readonly llama_sampler_init_top_k: (k: number) => Pointer;
  readonly llama_sampler_init_top_p: (p: number, min_keep: Wide) => Pointer;
  readonly llama_sampler_init_min_p: (p: number, min_keep: Wide) => Pointer;
  readonly llama_sampler_init_typical: (p: number, min_keep: Wide) => Pointer;
  readonly llama_sampler_init_temp: (t: number) => Pointer;
  readonly llama_sampler_init_temp_ext: (t: number, delta: number, exponent: number) => Pointer;
  readonly llama_sampler_init_xtc: (p: number, t: number, min_keep: Wide, seed: number) => Pointer;
  readonly llama_sampler_init_top_n_sigma: (n: number) => Pointer;
  readonly llama_sampler_init_mirostat: (n_vocab: number, seed: number, tau: number, eta: number, m: number) => Pointer;
  readonly llama_sampler_init_mirostat_v2: (seed: number, tau: number, eta: number) => Pointer;
  readonly llama_sampler_init_grammar: (vocab: Memory, grammar_str: string | null, grammar_root: string | null) => Pointer;
  readonly llama_sampler_init_penalties: (n_vocab: number, penalty_last_n: number, penalty_repeat: number, penalty_freq: number, penalty_present: number) => Pointer;
  readonly llama_sampler_init_dry: (vocab: Memory, dry_multiplier: number, dry_base: number, dry_allowed_length: number, dry_penalty_last_n: number, seq_breakers: Memory, num_breakers: Wide) => Pointer;
  readonly llama_sampler_init_adaptive_p: (target: number, decay: number, seed: number) => Pointer;
  readonly llama_sampler_init_logit_bias: (n_vocab: number, n_logit_bias: number, logit_bias: Memory) => Pointer;
  readonly llama_sampler_chain_get: (chain: Memory, i: number) => Pointer;
  readonly llama_sampler_apply: (smpl: Memory, cur_p: Memory) => void;
  readonly llama_sampler_accept: (smpl: Memory, token: number) => void;
  readonly llama_sampler_clone: (smpl: Memory) => Pointer;
  readonly llama_sampler_sample: (smpl: Memory, ctx: Memory, idx: number) => number;
  readonly llama_sampler_free: (smpl: Memory) => void;
  readonly ggml_backend_load_all_from_path: (dir_path: string | null) => void;
  readonly ggml_backend_dev_count: () => Wide;
  readonly ggml_backend_dev_get: (index: Wide) => Pointer;
  readonly ggml_backend_dev_by_type: (type: number) => Pointer;
  readonly ggml_backend_dev_backend_reg: (device: Memory) => Pointer;
  readonly ggml_backend_dev_name: (device: Memory) => string | null;
  readonly ggml_backend_dev_description: (device: Memory) => string | null;
  readonly ggml_backend_dev_type: (device: Memory) => number;
  readonly ggml_backend_dev_memory: (device: Memory, free: Memory, total: Memory) => void;
  readonly ggml_backend_dev_buffer_type: (device: Memory) => Pointer;
  readonly ggml_backend_buft_alloc_buffer: (buft: Memory, size: Wide) => Pointer;
  readonly ggml_backend_buffer_free: (buffer: Memory) => void;
  readonly ggml_backend_buffer_name: (buffer: Memory) => string | null;
  readonly ggml_backend_reg_get_proc_address: (reg: Memory, name: string | null) => Pointer;
  readonly ggml_backend_dev_init: (device: Memory, params: string | null) => Pointer;
  readonly ggml_backend_free: (backend: Memory) => void;
  readonly ggml_backend_alloc_ctx_tensors: (ctx: Memory, backend: Memory) => Pointer;
  readonly ggml_backend_tensor_memset: (tensor: Memory, value: number, offset: Wide, size: Wide) => void;
  readonly ggml_backend_graph_compute: (backend: Memory, cgraph: Memory) => number;
  readonly ggml_init: (params: ggml_init_params) => Pointer;
  readonly ggml_free: (ctx: Memory) => void;
  readonly ggml_tensor_overhead: () => Wide;
  readonly ggml_graph_overhead: () => Wide;
  readonly ggml_new_tensor_2d: (ctx: Memory, type: number, ne0: Wide, ne1: Wide) => Pointer;
  readonly ggml_mul_mat: (ctx: Memory, a: Memory, b: Memory) => Pointer;
  readonly ggml_add: (ctx: Memory, a: Memory, b: Memory) => Pointer;
  readonly ggml_new_graph: (ctx: Memory) => Pointer;
  readonly ggml_build_forward_expand: (cgraph: Memory, tensor: Memory) => void;
  readonly ggml_nbytes: (tensor: Memory) => Wide;
  readonly ggml_op_desc: (t: Memory) => string | null;
  readonly ggml_type_name: (type: number) => string | null;
  readonly ggml_type_size: (type: number) => Wide;
  readonly ggml_blck_size: (type: number) => Wide;
  readonly ggml_threadpool_params_init: (p: Memory, n_threads: number) => void;
  readonly gguf_init_from_file: (fname: string | null, params: gguf_init_params) => Pointer;
  readonly gguf_free: (ctx: Memory) => void;
  readonly gguf_get_data_offset: (ctx: Memory) => Wide;
  readonly gguf_get_arr_n: (ctx: Memory, key_id: Wide) => Wide;
  readonly gguf_get_arr_str: (ctx: Memory, key_id: Wide, i: Wide) => string | null;
  readonly gguf_get_arr_type: (ctx: Memory, key_id: Wide) => number;
  readonly gguf_get_n_kv: (ctx: Memory) => Wide;
  readonly gguf_get_key: (ctx: Memory, key_id: Wide) => string | null;
  readonly gguf_get_kv_type: (ctx: Memory, key_id: Wide) => number;
  readonly gguf_get_val_u32: (ctx: Memory, key_id: Wide) => number;
  readonly gguf_get_val_f32: (ctx: Memory, key_id: Wide) => number;
  readonly gguf_get_val_str: (ctx: Memory, key_id: Wide) => string | null;
  readonly gguf_get_n_tensors: (ctx: Memory) => Wide;
  readonly gguf_get_tensor_name: (ctx: Memory, tensor_id: Wide) => string | null;
  readonly gguf_get_tensor_type: (ctx: Memory, tensor_id: Wide) => number;
  readonly gguf_get_tensor_offset: (ctx: Memory, tensor_id: Wide) => Wide;
  readonly gguf_get_tensor_size: (ctx: Memory, tensor_id: Wide) => Wide;
}

export function bind({ llama, ggml, ggmlBase }: Libraries): Binding {
  const llama_model_params = struct({
    devices: "void *",
    tensor_buft_overrides: "void *",
    n_gpu_layers: "int32_t",
    split_mode: "int",
    load_mode: "int",
    lazy_mode: "int",
    main_gpu: "int32_t",
    tensor_split: "void *",
    progress_callback: "void *",
    progress_callback_user_data: "void *",
    kv_overrides: "void *",
    vocab_only: "bool",
    check_tensors: "bool",
    use_extra_bufts: "bool",
    no_host: "bool",
    no_alloc: "bool",
    load_mtp: "bool",
  });
  const llama_context_params = struct({
    n_ctx: "uint32_t",
    n_batch: "uint32_t",
    n_ubatch: "uint32_t",
    n_seq_max: "uint32_t",
    n_rs_seq: "uint32_t",
    n_outputs_max: "uint32_t",
    n_outputs_max_per_seq: "uint32_t",
    n_threads: "int32_t",
    n_threads_batch: "int32_t",
    ctx_type: "int",
    rope_scaling_type: "int",
    pooling_type: "int",
    attention_type: "int",
    flash_attn_type: "int",
    rope_freq_base: "float",
    rope_freq_scale: "float",
    yarn_ext_factor: "float",
    yarn_attn_factor: "float",
    yarn_beta_fast: "float",
    yarn_beta_slow: "float",
    yarn_orig_ctx: "uint32_t",
    defrag_thold: "float",
    cb_eval: "void *",
    cb_eval_user_data: "void *",
    type_k: "int",
    type_v: "int",
    abort_callback: "void *",
    abort_callback_data: "void *",
    embeddings: "bool",
    offload_kqv: "bool",
    no_perf: "bool",
    op_offload: "bool",
    swa_full: "bool",
    kv_unified: "bool",
    samplers: "void *",
    n_samplers: "size_t",
    ctx_other: "void *",
  });
  const llama_sampler_chain_params = struct({
    no_perf: "bool",
  });
  const llama_batch = struct({
    n_tokens: "int32_t",
    token: "void *",
    embd: "void *",
    pos: "void *",
    n_seq_id: "void *",
    seq_id: "void *",
    logits: "void *",
  });
  const ggml_init_params = struct({
    mem_size: "size_t",
    mem_buffer: "void *",
    no_alloc: "bool",
  });
  const gguf_init_params = struct({
    no_alloc: "bool",
    ctx: "void *",
  });
  const ggml_threadpool_params = struct({
    cpumask: array("bool", 512),
    n_threads: "int",
    prio: "int",
    poll: "uint32_t",
    strict_cpu: "bool",
    paused: "bool",
  });
  const llama_token_data = struct({
    id: "int32_t",
    logit: "float",
    p: "float",
  });
  const llama_token_data_array = struct({
    data: "void *",
    size: "size_t",
    selected: "int64_t",
    sorted: "bool",
  });
  const llama_logit_bias = struct({
    token: "int32_t",
    bias: "float",
  });
  const ggml_tensor = struct({
    type: "int",
    buffer: "void *",
    ne: array("int64_t", 4),
    nb: array("size_t", 4),
    op: "int",
    op_params: array("int32_t", 16),
    flags: "int32_t",
    src: array("void *", 10),
    view_src: "void *",
    view_offs: "size_t",
    data: "void *",
    name: array("char", 64),
    extra: "void *",
    padding: array("char", 8),
  });
  return {
    types: {
      ggml_threadpool_params,
      llama_token_data,
      llama_token_data_array,
      llama_logit_bias,
      ggml_tensor,
      ggml_threadpool_new: proto("void *", ["void *"]),
      ggml_threadpool_free: proto("void", ["void *"]),
      ggml_log_callback: proto("void", ["int", "const char *", "void *"]),
      llama_progress_callback: proto("bool", ["float", "void *"]),
      ggml_backend_sched_eval_callback: proto("bool", ["void *", "bool", "void *"]),
      ggml_backend_cpu_set_threadpool: proto("void", ["void *", "void *"]),
      ggml_backend_cpu_set_n_threads: proto("void", ["void *", "int"]),
    },
    llama_version: llama.func("llama_version", "const char *", []),
    llama_log_set: llama.func("llama_log_set", "void", ["void *", "void *"]),
    llama_backend_init: llama.func("llama_backend_init", "void", []),
    llama_model_default_params: llama.func("llama_model_default_params", llama_model_params, []),
    llama_context_default_params: llama.func("llama_context_default_params", llama_context_params, []),
    llama_sampler_chain_default_params: llama.func("llama_sampler_chain_default_params", llama_sampler_chain_params, []),
    llama_model_load_from_file: llama.func("llama_model_load_from_file", "void *", ["const char *", llama_model_params]),
    llama_model_free: llama.func("llama_model_free", "void", ["void *"]),
    llama_model_n_ctx_train: llama.func("llama_model_n_ctx_train", "int32_t", ["void *"]),
    llama_model_n_params: llama.func("llama_model_n_params", "uint64_t", ["void *"]),
    llama_model_n_layer: llama.func("llama_model_n_layer", "int32_t", ["void *"]),
    llama_model_size: llama.func("llama_model_size", "uint64_t", ["void *"]),
    llama_model_ftype: llama.func("llama_model_ftype", "int", ["void *"]),
    llama_ftype_name: llama.func("llama_ftype_name", "const char *", ["int"]),
    llama_model_meta_val_str: llama.func("llama_model_meta_val_str", "int32_t", ["void *", "const char *", "void *", "size_t"]),
    llama_model_chat_template: llama.func("llama_model_chat_template", "const char *", ["void *", "const char *"]),
    llama_model_has_encoder: llama.func("llama_model_has_encoder", "bool", ["void *"]),
    llama_model_has_decoder: llama.func("llama_model_has_decoder", "bool", ["void *"]),
    llama_model_get_vocab: llama.func("llama_model_get_vocab", "void *", ["void *"]),
    llama_vocab_n_tokens: llama.func("llama_vocab_n_tokens", "int32_t", ["void *"]),
    llama_vocab_get_text: llama.func("llama_vocab_get_text", "const char *", ["void *", "int32_t"]),
    llama_vocab_is_eog: llama.func("llama_vocab_is_eog", "bool", ["void *", "int32_t"]),
    llama_vocab_bos: llama.func("llama_vocab_bos", "int32_t", ["void *"]),
    llama_vocab_sep: llama.func("llama_vocab_sep", "int32_t", ["void *"]),
    llama_vocab_get_add_bos: llama.func("llama_vocab_get_add_bos", "bool", ["void *"]),
    llama_vocab_get_add_eos: llama.func("llama_vocab_get_add_eos", "bool", ["void *"]),
    llama_vocab_get_add_sep: llama.func("llama_vocab_get_add_sep", "bool", ["void *"]),
    llama_vocab_fim_pre: llama.func("llama_vocab_fim_pre", "int32_t", ["void *"]),
    llama_vocab_fim_suf: llama.func("llama_vocab_fim_suf", "int32_t", ["void *"]),
    llama_vocab_fim_mid: llama.func("llama_vocab_fim_mid", "int32_t", ["void *"]),
    llama_vocab_fim_rep: llama.func("llama_vocab_fim_rep", "int32_t", ["void *"]),
    llama_vocab_fim_sep: llama.func("llama_vocab_fim_sep", "int32_t", ["void *"]),
    llama_vocab_eos: llama.func("llama_vocab_eos", "int32_t", ["void *"]),
    llama_tokenize: llama.func("llama_tokenize", "int32_t", ["void *", "void *", "int32_t", "void *", "int32_t", "bool", "bool"]),
    llama_token_to_piece: llama.func("llama_token_to_piece", "int32_t", ["void *", "int32_t", "void *", "int32_t", "int32_t", "bool"]),
    llama_init_from_model: llama.func("llama_init_from_model", "void *", ["void *", llama_context_params]),
    llama_free: llama.func("llama_free", "void", ["void *"]),
    llama_n_batch: llama.func("llama_n_batch", "uint32_t", ["void *"]),
    llama_attach_threadpool: llama.func("llama_attach_threadpool", "void", ["void *", "void *", "void *"]),
    llama_set_n_threads: llama.func("llama_set_n_threads", "void", ["void *", "int32_t", "int32_t"]),
    llama_get_memory: llama.func("llama_get_memory", "void *", ["void *"]),
    llama_memory_seq_rm: llama.func("llama_memory_seq_rm", "bool", ["void *", "int32_t", "int32_t", "int32_t"]),
    llama_memory_seq_cp: llama.func("llama_memory_seq_cp", "void", ["void *", "int32_t", "int32_t", "int32_t", "int32_t"]),
    llama_memory_seq_add: llama.func("llama_memory_seq_add", "void", ["void *", "int32_t", "int32_t", "int32_t", "int32_t"]),
    llama_memory_can_shift: llama.func("llama_memory_can_shift", "bool", ["void *"]),
    llama_state_seq_get_size: llama.func("llama_state_seq_get_size", "size_t", ["void *", "int32_t"]),
    llama_state_seq_get_data: llama.func("llama_state_seq_get_data", "size_t", ["void *", "void *", "size_t", "int32_t"]),
    llama_state_seq_set_data: llama.func("llama_state_seq_set_data", "size_t", ["void *", "void *", "size_t", "int32_t"]),
    llama_state_get_size: llama.func("llama_state_get_size", "size_t", ["void *"]),
    llama_state_get_data: llama.func("llama_state_get_data", "size_t", ["void *", "void *", "size_t"]),
    llama_state_set_data: llama.func("llama_state_set_data", "size_t", ["void *", "void *", "size_t"]),
    llama_model_is_recurrent: llama.func("llama_model_is_recurrent", "bool", ["void *"]),
    llama_model_is_hybrid: llama.func("llama_model_is_hybrid", "bool", ["void *"]),
    llama_n_ctx_seq: llama.func("llama_n_ctx_seq", "uint32_t", ["void *"]),
    llama_adapter_lora_init: llama.func("llama_adapter_lora_init", "void *", ["void *", "const char *"]),
    llama_adapter_lora_free: llama.func("llama_adapter_lora_free", "void", ["void *"]),
    llama_set_adapters_lora: llama.func("llama_set_adapters_lora", "int32_t", ["void *", "void *", "size_t", "void *"]),
    llama_decode: llama.func("llama_decode", "int32_t", ["void *", llama_batch]),
    llama_encode: llama.func("llama_encode", "int32_t", ["void *", llama_batch]),
    llama_memory_clear: llama.func("llama_memory_clear", "void", ["void *", "bool"]),
    llama_model_n_embd_out: llama.func("llama_model_n_embd_out", "int32_t", ["void *"]),
    llama_model_n_cls_out: llama.func("llama_model_n_cls_out", "uint32_t", ["void *"]),
    llama_pooling_type: llama.func("llama_pooling_type", "int", ["void *"]),
    llama_get_embeddings_seq: llama.func("llama_get_embeddings_seq", "void *", ["void *", "int32_t"]),
    llama_synchronize: llama.func("llama_synchronize", "void", ["void *"]),
    llama_get_logits_ith: llama.func("llama_get_logits_ith", "void *", ["void *", "int32_t"]),
    llama_vocab_eot: llama.func("llama_vocab_eot", "int32_t", ["void *"]),
    llama_vocab_get_suppress_tokens: llama.func("llama_vocab_get_suppress_tokens", "void *", ["void *", "void *"]),
    llama_sampler_chain_init: llama.func("llama_sampler_chain_init", "void *", [llama_sampler_chain_params]),
    llama_sampler_chain_add: llama.func("llama_sampler_chain_add", "void", ["void *", "void *"]),
    llama_sampler_init_greedy: llama.func("llama_sampler_init_greedy", "void *", []),
    llama_sampler_init_dist: llama.func("llama_sampler_init_dist", "void *", ["uint32_t"]),
    llama_sampler_init_top_k: llama.func("llama_sampler_init_top_k", "void *", ["int32_t"]),
    llama_sampler_init_top_p: llama.func("llama_sampler_init_top_p", "void *", ["float", "size_t"]),
    llama_sampler_init_min_p: llama.func("llama_sampler_init_min_p", "void *", ["float", "size_t"]),
    llama_sampler_init_typical: llama.func("llama_sampler_init_typical", "void *", ["float", "size_t"]),
    llama_sampler_init_temp: llama.func("llama_sampler_init_temp", "void *", ["float"]),
    llama_sampler_init_temp_ext: llama.func("llama_sampler_init_temp_ext", "void *", ["float", "float", "float"]),
    llama_sampler_init_xtc: llama.func("llama_sampler_init_xtc", "void *", ["float", "float", "size_t", "uint32_t"]),
    llama_sampler_init_top_n_sigma: llama.func("llama_sampler_init_top_n_sigma", "void *", ["float"]),
    llama_sampler_init_mirostat: llama.func("llama_sampler_init_mirostat", "void *", ["int32_t", "uint32_t", "float", "float", "int32_t"]),
    llama_sampler_init_mirostat_v2: llama.func("llama_sampler_init_mirostat_v2", "void *", ["uint32_t", "float", "float"]),
    llama_sampler_init_grammar: llama.func("llama_sampler_init_grammar", "void *", ["void *", "const char *", "const char *"]),
    llama_sampler_init_penalties: llama.func("llama_sampler_init_penalties", "void *", ["int32_t", "int32_t", "float", "float", "float"]),
    llama_sampler_init_dry: llama.func("llama_sampler_init_dry", "void *", ["void *", "float", "float", "int32_t", "int32_t", "void *", "size_t"]),
    llama_sampler_init_adaptive_p: llama.func("llama_sampler_init_adaptive_p", "void *", ["float", "float", "uint32_t"]),
    llama_sampler_init_logit_bias: llama.func("llama_sampler_init_logit_bias", "void *", ["int32_t", "int32_t", "void *"]),
    llama_sampler_chain_get: llama.func("llama_sampler_chain_get", "void *", ["void *", "int32_t"]),
    llama_sampler_apply: llama.func("llama_sampler_apply", "void", ["void *", "void *"]),
    llama_sampler_accept: llama.func("llama_sampler_accept", "void", ["void *", "int32_t"]),
    llama_sampler_clone: llama.func("llama_sampler_clone", "void *", ["void *"]),
    llama_sampler_sample: llama.func("llama_sampler_sample", "int32_t", ["void *", "void *", "int32_t"]),
    llama_sampler_free: llama.func("llama_sampler_free", "void", ["void *"]),
    ggml_backend_load_all_from_path: ggml.func("ggml_backend_load_all_from_path", "void", ["const char *"]),
    ggml_backend_dev_count: ggml.func("ggml_backend_dev_count", "size_t", []),
    ggml_backend_dev_get: ggml.func("ggml_backend_dev_get", "void *", ["size_t"]),
    ggml_backend_dev_by_type: ggml.func("ggml_backend_dev_by_type", "void *", ["int"]),
    ggml_backend_dev_backend_reg: ggmlBase.func("ggml_backend_dev_backend_reg", "void *", ["void *"]),
    ggml_backend_dev_name: ggmlBase.func("ggml_backend_dev_name", "const char *", ["void *"]),
    ggml_backend_dev_description: ggmlBase.func("ggml_backend_dev_description", "const char *", ["void *"]),
    ggml_backend_dev_type: ggmlBase.func("ggml_backend_dev_type", "int", ["void *"]),
    ggml_backend_dev_memory: ggmlBase.func("ggml_backend_dev_memory", "void", ["void *", "void *", "void *"]),
    ggml_backend_dev_buffer_type: ggmlBase.func("ggml_backend_dev_buffer_type", "void *", ["void *"]),
    ggml_backend_buft_alloc_buffer: ggmlBase.func("ggml_backend_buft_alloc_buffer", "void *", ["void *", "size_t"]),
    ggml_backend_buffer_free: ggmlBase.func("ggml_backend_buffer_free", "void", ["void *"]),
    ggml_backend_buffer_name: ggmlBase.func("ggml_backend_buffer_name", "const char *", ["void *"]),
    ggml_backend_reg_get_proc_address: ggmlBase.func("ggml_backend_reg_get_proc_address", "void *", ["void *", "const char *"]),
    ggml_backend_dev_init: ggmlBase.func("ggml_backend_dev_init", "void *", ["void *", "const char *"]),
    ggml_backend_free: ggmlBase.func("ggml_backend_free", "void", ["void *"]),
    ggml_backend_alloc_ctx_tensors: ggmlBase.func("ggml_backend_alloc_ctx_tensors", "void *", ["void *", "void *"]),
    ggml_backend_tensor_memset: ggmlBase.func("ggml_backend_tensor_memset", "void", ["void *", "uint8_t", "size_t", "size_t"]),
    ggml_backend_graph_compute: ggmlBase.func("ggml_backend_graph_compute", "int", ["void *", "void *"]),
    ggml_init: ggmlBase.func("ggml_init", "void *", [ggml_init_params]),
    ggml_free: ggmlBase.func("ggml_free", "void", ["void *"]),
    ggml_tensor_overhead: ggmlBase.func("ggml_tensor_overhead", "size_t", []),
    ggml_graph_overhead: ggmlBase.func("ggml_graph_overhead", "size_t", []),
    ggml_new_tensor_2d: ggmlBase.func("ggml_new_tensor_2d", "void *", ["void *", "int", "int64_t", "int64_t"]),
    ggml_mul_mat: ggmlBase.func("ggml_mul_mat", "void *", ["void *", "void *", "void *"]),
    ggml_add: ggmlBase.func("ggml_add", "void *", ["void *", "void *", "void *"]),
    ggml_new_graph: ggmlBase.func("ggml_new_graph", "void *", ["void *"]),
    ggml_build_forward_expand: ggmlBase.func("ggml_build_forward_expand", "void", ["void *", "void *"]),
    ggml_nbytes: ggmlBase.func("ggml_nbytes", "size_t", ["void *"]),
    ggml_op_desc: ggmlBase.func("ggml_op_desc", "const char *", ["void *"]),
    ggml_type_name: ggmlBase.func("ggml_type_name", "const char *", ["int"]),
    ggml_type_size: ggmlBase.func("ggml_type_size", "size_t", ["int"]),
    ggml_blck_size: ggmlBase.func("ggml_blck_size", "int64_t", ["int"]),
    ggml_threadpool_params_init: ggmlBase.func("ggml_threadpool_params_init", "void", ["void *", "int"]),
    gguf_init_from_file: ggmlBase.func("gguf_init_from_file", "void *", ["const char *", gguf_init_params]),
    gguf_free: ggmlBase.func("gguf_free", "void", ["void *"]),
    gguf_get_data_offset: ggmlBase.func("gguf_get_data_offset", "size_t", ["void *"]),
    gguf_get_arr_n: ggmlBase.func("gguf_get_arr_n", "size_t", ["void *", "int64_t"]),
    gguf_get_arr_str: ggmlBase.func("gguf_get_arr_str", "const char *", ["void *", "int64_t", "size_t"]),
    gguf_get_arr_type: ggmlBase.func("gguf_get_arr_type", "int", ["void *", "int64_t"]),
    gguf_get_n_kv: ggmlBase.func("gguf_get_n_kv", "int64_t", ["void *"]),
    gguf_get_key: ggmlBase.func("gguf_get_key", "const char *", ["void *", "int64_t"]),
    gguf_get_kv_type: ggmlBase.func("gguf_get_kv_type", "int", ["void *", "int64_t"]),
    gguf_get_val_u32: ggmlBase.func("gguf_get_val_u32", "uint32_t", ["void *", "int64_t"]),
    gguf_get_val_f32: ggmlBase.func("gguf_get_val_f32", "float", ["void *", "int64_t"]),
    gguf_get_val_str: ggmlBase.func("gguf_get_val_str", "const char *", ["void *", "int64_t"]),
    gguf_get_n_tensors: ggmlBase.func("gguf_get_n_tensors", "int64_t", ["void *"]),
    gguf_get_tensor_name: ggmlBase.func("gguf_get_tensor_name", "const char *", ["void *", "int64_t"]),
    gguf_get_tensor_type: ggmlBase.func("gguf_get_tensor_type", "int", ["void *", "int64_t"]),
    gguf_get_tensor_offset: ggmlBase.func("gguf_get_tensor_offset", "size_t", ["void *", "int64_t"]),
    gguf_get_tensor_size: ggmlBase.func("gguf_get_tensor_size", "size_t", ["void *", "int64_t"]),
  };
}

import { sizeof } from "koffi";
import { GGML_MAX_N_THREADS, release, type Binding } from "./llama.generated.ts";

export type LayoutBinding = Pick<Binding,
  "llama_version" | "llama_model_default_params" | "llama_context_default_params" | "llama_sampler_chain_default_params" | "ggml_threadpool_params_init" | "ggml_tensor_overhead" | "types">;

/**
 * A second look beside the release's name: default values that sit at the start, in the middle and at the end of the parameter
 * structs. With a field more or less in between, they would be read from the wrong place. The reason why not, or null.
 */
export function layoutFault(binding: LayoutBinding): string | null {
  // The prebuilt libraries add a suffix: "0.5.0-dev" of the release v0.5.0.
  const version = binding.llama_version() ?? "nothing";
  if (`v${version.replace(/-.*/, "")}` !== release) return `it calls itself ${version}`;
  const model = binding.llama_model_default_params();
  const context = binding.llama_context_default_params();
  const expected: readonly (readonly [name: string, actual: unknown, wanted: unknown])[] = [
    ["n_gpu_layers", model.n_gpu_layers, -1],
    ["load_mode", model.load_mode, -1],
    ["use_extra_bufts", model.use_extra_bufts, true],
    ["no_alloc", model.no_alloc, false],
    ["load_mtp", model.load_mtp, false],
    ["n_ctx", context.n_ctx, 512],
    ["n_batch", context.n_batch, 2048],
    ["n_outputs_max_per_seq", context.n_outputs_max_per_seq, 1],
    ["flash_attn_type", context.flash_attn_type, -1],
    ["yarn_beta_slow", context.yarn_beta_slow, -1],
    ["type_v", context.type_v, 1],
    ["op_offload", context.op_offload, true],
    ["kv_unified", context.kv_unified, false],
    ["n_samplers", context.n_samplers, 0],
    ["no_perf", binding.llama_sampler_chain_default_params().no_perf, true],
    // Tensors are read as bytes: with each of them goes a header of fixed size.
    ["size of a tensor", Number(binding.ggml_tensor_overhead()) - tensorHeader, sizeof(binding.types.ggml_tensor)],
    ...threadpoolDefaults(binding),
  ];
  const fault = expected.find(([, actual, wanted]) => actual !== wanted);
  return fault === undefined ? null : `its default ${fault[0]} is ${String(fault[1])}, not ${String(fault[2])}`;
}

/** Two sizes, a pointer and a kind. */
const tensorHeader = 32;

/** ggml fills this struct in place: after the mask of processors come the number of threads, their priority and how long they spin. */
function threadpoolDefaults(binding: LayoutBinding): (readonly [string, unknown, unknown])[] {
  const threads = 3;
  const parameters = new Uint8Array(sizeof(binding.types.ggml_threadpool_params));
  binding.ggml_threadpool_params_init(parameters, threads);
  const fields = new Int32Array(parameters.buffer, GGML_MAX_N_THREADS, 3);
  return [["n_threads", fields[0], threads], ["prio", fields[1], 0], ["poll", fields[2], 50]];
}

import { call } from "koffi";

import { readText } from "../../../machine/read-text.ts";
import type { MachineLimits } from "../../backend.ts";
import { ggml_type, type Binding, type Pointer } from "../native/llama.generated.ts";
import type { Library } from "../native/library.ts";

const { GGML_TYPE_F32, GGML_TYPE_F16, GGML_TYPE_Q8_0 } = ggml_type;

/** Long enough that a hiccup is outlived; the best run counts, for a limit is what can be reached. */
const enoughMs = 120;
const leastRuns = 3;
const mebibyte = 2 ** 20;

/** A graph of one node, on two operands of these sizes. */
interface Probe {
  readonly operator: "mul_mat" | "add";
  readonly type: number;
  readonly left: readonly [number, number];
  readonly right: readonly [number, number];
}

export interface CpuThreads {
  readonly count: number;
  /** Null: the backend's own. */
  readonly pool: Pointer;
}

/** The most bytes and operations a second that the library's own kernels reach on a device: streams larger than the caches, and a product that fits into them. Null where there is no memory for them. */
export function measureLimits({ binding }: Pick<Library, "binding">, device: Pointer, cpu: CpuThreads | null): Pick<MachineLimits, "gbPerS" | "gflopPerS"> | null {
  const backend = binding.ggml_backend_dev_init(device, null);
  if (backend === null) return null;
  try {
    if (cpu !== null) useThreads(binding, device, backend, cpu);
    const bytes = cpu === null ? 1024 * mebibyte : Math.min(1024 * mebibyte, Math.max(256 * mebibyte, 4 * lastLevelCache()));
    const rows = Math.floor(bytes / 4 / 4096);
    const size = cpu === null ? 8192 : 1024;
    // A matrix by a vector reads it once, as a decode step does; a sum reads two and writes one.
    const streams = [
      { probe: { operator: "mul_mat", type: GGML_TYPE_F32, left: [4096, rows], right: [4096, 1] }, moved: 4 * 4096 * rows },
      { probe: { operator: "add", type: GGML_TYPE_F32, left: [4096, Math.floor(rows / 3)], right: [4096, Math.floor(rows / 3)] }, moved: 12 * 4096 * Math.floor(rows / 3) },
    ] as const;
    const products = [GGML_TYPE_F32, GGML_TYPE_F16, GGML_TYPE_Q8_0].map((type): Probe => ({ operator: "mul_mat", type, left: [size, size], right: [size, size / 2] }));
    const gbPerS = best(streams.map(({ probe, moved }) => rate(binding, backend, probe, moved)));
    const gflopPerS = best(products.map((probe) => rate(binding, backend, probe, size ** 3)));
    return gbPerS === null || gflopPerS === null ? null : { gbPerS, gflopPerS };
  } finally {
    binding.ggml_backend_free(backend);
  }
}

/** Billions of `amount` a second; null where there is no memory. */
function rate(binding: Binding, backend: Pointer, probe: Probe, amount: number): number | null {
  const ms = fastestMs(binding, backend, probe);
  return ms === null ? null : Math.round(amount / ms / 1e4) / 100;
}

function fastestMs(binding: Binding, backend: Pointer, { operator, type, left, right }: Probe): number | null {
  const overhead = 8 * Number(binding.ggml_tensor_overhead()) + Number(binding.ggml_graph_overhead());
  const context = binding.ggml_init({ mem_size: overhead, mem_buffer: null, no_alloc: true });
  if (context === null) return null;
  try {
    const a = binding.ggml_new_tensor_2d(context, type, ...left);
    const b = binding.ggml_new_tensor_2d(context, GGML_TYPE_F32, ...right);
    const result = operator === "add" ? binding.ggml_add(context, a, b) : binding.ggml_mul_mat(context, a, b);
    const graph = binding.ggml_new_graph(context);
    binding.ggml_build_forward_expand(graph, result);
    const buffer = binding.ggml_backend_alloc_ctx_tensors(context, backend);
    if (buffer === null) return null;
    try {
      // Memory that nobody has written is one page of zeros, seen many times.
      for (const tensor of [a, b, result]) binding.ggml_backend_tensor_memset(tensor, 0, 0, binding.ggml_nbytes(tensor));
      return fastestRunMs(() => binding.ggml_backend_graph_compute(backend, graph) === 0);
    } finally {
      binding.ggml_backend_buffer_free(buffer);
    }
  } finally {
    binding.ggml_free(context);
  }
}

function fastestRunMs(compute: () => boolean): number | null {
  const begin = performance.now();
  let fastest = Number.POSITIVE_INFINITY;
  for (let runs = 0; runs < leastRuns || performance.now() - begin < enoughMs; runs += 1) {
    const startMs = performance.now();
    if (!compute()) return null;
    fastest = Math.min(fastest, performance.now() - startMs);
  }
  return fastest;
}

function useThreads(binding: Binding, device: Pointer, backend: Pointer, { count, pool }: CpuThreads): void {
  const registry = binding.ggml_backend_dev_backend_reg(device);
  const { ggml_backend_cpu_set_n_threads: setThreads, ggml_backend_cpu_set_threadpool: setPool } = binding.types;
  call(binding.ggml_backend_reg_get_proc_address(registry, "ggml_backend_set_n_threads"), setThreads, backend, count);
  if (pool !== null) call(binding.ggml_backend_reg_get_proc_address(registry, "ggml_backend_cpu_set_threadpool"), setPool, backend, pool);
}

/** Bytes; 0 where the system does not say. */
function lastLevelCache(): number {
  const sizes = [3, 2].map((level) => /^(\d+)K/.exec(readText(`/sys/devices/system/cpu/cpu0/cache/index${level}/size`))?.[1]);
  return 1024 * Number(sizes.find((size) => size !== undefined) ?? 0);
}

const best = (rates: readonly (number | null)[]): number | null => {
  const known = rates.filter((rate) => rate !== null);
  return known.length === 0 ? null : Math.max(...known);
};

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deviceOf, isMapped, readBufferSizes } from "../../../../../../runtime/backends/llama/memory/buffer-log.ts";
import { bufferParts } from "../../../../../../runtime/backends/llama/memory/measured.ts";

const mebibyte = 1024 ** 2;

/** As llama.cpp writes them, shortened to a model of three layers, two of them on a GPU. */
const dryLines = [
  "load_tensors: layer   0 assigned to device CPU, is_swa = 0",
  "load_tensors: layer   1 assigned to device CUDA0, is_swa = 0",
  "load_tensors: layer   2 assigned to device CUDA0, is_swa = 0",
  "load_tensors:          CPU model buffer size =     0.00 MiB",
  "llama_context:  CUDA_Host  output buffer size =     0.50 MiB",
  "llama_kv_cache: layer   0: dev = CPU",
  "llama_kv_cache: layer   1: dev = CUDA0",
  "llama_kv_cache:        CPU KV buffer size =     0.00 MiB",
  "llama_kv_cache: size =   90.00 MiB (  4096 cells,   2 layers,  4/1 seqs), K (f16):   45.00 MiB, V (f16):   45.00 MiB",
  "sched_reserve:      CUDA0 compute buffer size =    17.50 MiB",
  "sched_reserve:  CUDA_Host compute buffer size =     1.00 MiB",
];

describe("buffer sizes in llama.cpp's log", () => {
  it("of a load without allocations: KV by the layers' devices, compute by buffer", () => {
    const { layers, kv, compute, weights } = readBufferSizes(dryLines, true);
    assert.deepEqual(layers, ["CPU", "CUDA0", "CUDA0"]);
    assert.deepEqual([...kv], [["CPU", 45 * mebibyte], ["CUDA0", 45 * mebibyte]]);
    assert.deepEqual([...compute], [["CPU", 1.5 * mebibyte], ["CUDA0", 17.5 * mebibyte]]);
    assert.equal(weights.size, 0);
  });

  it("adds the caches of a model with sliding windows", () => {
    const lines = [
      "llama_kv_cache: layer   0: dev = CPU", "llama_kv_cache: size =    8.00 MiB (  4096 cells,   1 layers,  1/1 seqs), K (f16): 4.00 MiB",
      "llama_kv_cache: layer   1: dev = CPU", "llama_kv_cache: size =    2.00 MiB (  1024 cells,   1 layers,  1/1 seqs), K (f16): 1.00 MiB",
    ];
    assert.deepEqual([...readBufferSizes(lines, true).kv], [["CPU", 10 * mebibyte]]);
  });

  it("of a real load: the buffers themselves", () => {
    const parts = bufferParts([
      "load_tensors:   CPU_Mapped model buffer size =   258.00 MiB",
      "load_tensors:   CPU_REPACK model buffer size =   192.00 MiB",
      "llama_adapter_lora_init_impl:        CPU LoRA buffer size =     1.00 MiB",
      "llama_context:        CPU  output buffer size =     2.00 MiB",
      "llama_kv_cache:        CPU KV buffer size =    48.00 MiB",
      "llama_kv_cache: size =   48.00 MiB (  4096 cells,  24 layers,  4/1 seqs), K (f16):   24.00 MiB, V (f16):   24.00 MiB",
      "llama_memory_recurrent:        CPU RS buffer size =     4.00 MiB",
      "sched_reserve:        CPU compute buffer size =    39.50 MiB",
    ]);
    // Repacked tensors lie in the mapped range too, and are counted once.
    assert.deepEqual(parts, { weights: 258 * mebibyte, kv: 52 * mebibyte, compute: 41.5 * mebibyte, total: 351.5 * mebibyte });
  });

  it("keeps what a GPU holds apart from what is mapped", () => {
    const parts = bufferParts(["load_tensors:   CPU_Mapped model buffer size =   70.00 MiB", "load_tensors:        CUDA0 model buffer size =   500.00 MiB"]);
    assert.equal(parts.weights, 570 * mebibyte);
  });

  it("knows whose memory a buffer takes", () => {
    const devices = ["CPU", "CPU_Mapped", "CPU_REPACK", "CUDA_Host", "Vulkan_Host", "BLAS", "AMX", "CUDA0", "Vulkan1", "MTL0_Mapped", "MTL0_Private"].map(deviceOf);
    assert.deepEqual(devices, ["CPU", "CPU", "CPU", "CPU", "CPU", "CPU", "CPU", "CUDA0", "Vulkan1", "MTL0", "MTL0"]);
    assert.deepEqual(["CPU_Mapped", "MTL0_Mapped", "CPU", "CPU_REPACK"].filter(isMapped), ["CPU_Mapped", "MTL0_Mapped"]);
  });
});

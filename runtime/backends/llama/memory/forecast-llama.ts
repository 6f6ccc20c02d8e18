import type { ForecastMemory, LoadOptions } from "../../backend.ts";
import type { LlamaEnvironment } from "../index.ts";
import { chooseContext } from "../model.ts";
import { checkModelFile } from "../model-file.ts";
import { findLibraryFolder } from "../native/folder.ts";
import { ggml_type } from "../native/llama.generated.ts";
import { openLibrary, type Library } from "../native/library.ts";
import { forecastMemory, type LoadParameters } from "./memory-plan.ts";

/** For `inferno fit`: nothing is loaded. */
export function forecastLlama({ home }: LlamaEnvironment): ForecastMemory {
  return async (options) => {
    const library = openLibrary(findLibraryFolder({ platform: process.platform, arch: process.arch, from: import.meta.dirname, home, gpu: false }));
    checkModelFile(library, options.path);
    return forecastMemory(library, options, provisional(library, options));
  };
}

function provisional({ binding }: Library, options: LoadOptions): LoadParameters {
  const model = { ...binding.llama_model_default_params(), n_gpu_layers: 0, devices: BigUint64Array.of(0n) };
  return {
    model,
    context: ({ context }, trained) => chooseContext(options.path, context, trained),
    contextParams: ({ context = 0, parallel, kvCells, kvType, batch }) => {
      const type = ggml_type[`GGML_TYPE_${kvType.toUpperCase() as Uppercase<typeof kvType>}`];
      return {
        ...binding.llama_context_default_params(), n_ctx: kvCells ?? context * parallel, n_seq_max: parallel, n_batch: batch, n_ubatch: batch,
        n_outputs_max: parallel, n_outputs_max_per_seq: 1, kv_unified: true, type_k: type, type_v: type, offload_kqv: false, op_offload: false, no_perf: true,
      };
    },
  };
}

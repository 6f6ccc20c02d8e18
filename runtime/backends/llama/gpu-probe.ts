import { InfernoError } from "../../../protocol/errors.ts";
import type { GpuDevice, ProbeResult } from "../../gpu/device.ts";
import type { LibraryFolder } from "./native/folder.ts";
import { ggml_backend_dev_type } from "./native/llama.generated.ts";
import { openLibrary } from "./native/library.ts";

// Entry of a process that loads a GPU library, lists its devices and asks each for a little memory. A driver that does not fit makes
// ggml abort, which cannot be caught: it then ends this process, and no model host. The result is the last line of stdout.

const trialBytes = 1 << 20;

function probe(folder: LibraryFolder): ProbeResult {
  const { binding } = openLibrary(folder);
  const devices: GpuDevice[] = [];
  for (let index = 0; index < Number(binding.ggml_backend_dev_count()); index += 1) {
    const device = binding.ggml_backend_dev_get(index);
    const { GGML_BACKEND_DEVICE_TYPE_GPU, GGML_BACKEND_DEVICE_TYPE_IGPU } = ggml_backend_dev_type;
    const type = binding.ggml_backend_dev_type(device);
    if (type !== GGML_BACKEND_DEVICE_TYPE_GPU && type !== GGML_BACKEND_DEVICE_TYPE_IGPU) continue;
    const name = binding.ggml_backend_dev_name(device) ?? `device ${index}`;
    const buffer = binding.ggml_backend_buft_alloc_buffer(binding.ggml_backend_dev_buffer_type(device), trialBytes);
    if (buffer === null) return { failure: `${name} gave no memory` };
    binding.ggml_backend_buffer_free(buffer);
    const memory = new BigUint64Array(2);
    binding.ggml_backend_dev_memory(device, memory.subarray(0, 1), memory.subarray(1));
    devices.push({
      name, description: binding.ggml_backend_dev_description(device) ?? name, freeBytes: Number(memory[0]), totalBytes: Number(memory[1]),
    });
  }
  return { devices };
}

function answer(text: string | undefined): ProbeResult {
  try {
    return probe(JSON.parse(text ?? "") as LibraryFolder);
  } catch (error) {
    return { failure: InfernoError.from(error).message };
  }
}

process.stdout.write(`\n${JSON.stringify(answer(process.argv[2]))}\n`, () => process.exit(0));

import { call, load, offsetof, pointer, register, sizeof } from "koffi";

import { InfernoError } from "../../../../protocol/errors.ts";
import type { LibraryFolder } from "./folder.ts";
import { layoutFault } from "./layout.ts";
import { bind, ggml_backend_dev_type, release, type Binding, type Pointer } from "./llama.generated.ts";
import { LogTail } from "./log-tail.ts";

/** The loaded llama.cpp, ready for calls. Lives as long as the process: ggml's registry of devices cannot be emptied. */
export interface Library {
  readonly folder: LibraryFolder;
  readonly binding: Binding;
  readonly log: LogTail;
  createThreadpool(threads: number): Threadpool;
}

export interface Threadpool {
  readonly pointer: Pointer;
  free(): void;
}

export function openLibrary(folder: LibraryFolder): Library {
  if (folder.release !== release) throw unsupported(folder, `it is llama.cpp ${folder.release}`);
  const binding = bindLibrary(folder);
  const fault = layoutFault(binding);
  if (fault !== null) throw unsupported(folder, fault);
  const log = new LogTail();
  const onLog = (level: number, text: string | null): void => log.add(level, text ?? "");
  binding.llama_log_set(register(onLog, pointer(binding.types.ggml_log_callback)), null);
  loadDevices(folder, binding);
  binding.llama_backend_init();
  return { folder, binding, log, createThreadpool: (threads) => createThreadpool(binding, threads) };
}

function bindLibrary(folder: LibraryFolder): Binding {
  try {
    // In this order and with global symbols, so that each finds the one before it already loaded.
    const ggmlBase = load(folder.files.ggmlBase, { global: true });
    const ggml = load(folder.files.ggml, { global: true });
    const llama = load(folder.files.llama, { global: true });
    return bind({ llama, ggml, ggmlBase });
  } catch (cause) {
    throw unsupported(folder, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function loadDevices(folder: LibraryFolder, binding: Binding): void {
  // A device registered twice would be used twice: the registry belongs to the process, not to this object.
  if (Number(binding.ggml_backend_dev_count()) > 0) return;
  binding.ggml_backend_load_all_from_path(folder.path);
  const gpu = ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_GPU;
  if (folder.fallback !== undefined && binding.ggml_backend_dev_by_type(gpu) === null) {
    binding.ggml_backend_load_all_from_path(folder.fallback);
  }
  if (cpuDevice(binding) === null) throw unsupported(folder, "none of its CPU backends can run on this processor");
}

const cpuDevice = (binding: Binding): Pointer =>
  binding.ggml_backend_dev_by_type(ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU);

/**
 * How long a thread spins for the next step before it sleeps, in ggml's unit of 131072 pauses: some milliseconds, which is longer than
 * the host takes between two steps. ggml's own 50 keeps a core busy for a fifth of a second after every answer.
 */
const poll = 1;

/** Threads that stay: without a pool of ours ggml starts and joins its threads for every single token. */
function createThreadpool(binding: Binding, threads: number): Threadpool {
  const registry = binding.ggml_backend_dev_backend_reg(cpuDevice(binding));
  const create = binding.ggml_backend_reg_get_proc_address(registry, "ggml_threadpool_new");
  const free = binding.ggml_backend_reg_get_proc_address(registry, "ggml_threadpool_free");
  const parameters = new Uint8Array(sizeof(binding.types.ggml_threadpool_params));
  binding.ggml_threadpool_params_init(parameters, threads);
  new DataView(parameters.buffer).setUint32(offsetof(binding.types.ggml_threadpool_params, "poll"), poll, true);
  const pool = call(create, binding.types.ggml_threadpool_new, parameters) as Pointer;
  if (pool === null) throw new InfernoError("model_load_failed", `llama.cpp could not start ${threads} inference threads.`);
  return { pointer: pool, free: () => void call(free, binding.types.ggml_threadpool_free, pool) };
}

function unsupported(folder: LibraryFolder, reason: string, cause?: unknown): InfernoError {
  const message = `Inferno was built for llama.cpp ${release}, but the library in ${folder.path} does not fit: ${reason}.`;
  return new InfernoError("engine_unsupported", message, { cause });
}

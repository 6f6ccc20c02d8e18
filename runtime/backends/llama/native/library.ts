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
  /**
   * The threads of all contexts that compute with so many: only one does at a time, and a second set would spin for its next step while the
   * first one computes.
   */
  threadpool(threads: number): Threadpool;
}

export interface Threadpool {
  readonly pointer: Pointer;
  /** Ends the threads when nobody else has them. */
  release(): void;
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
  return { folder, binding, log, threadpool: sharedThreadpools(binding) };
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

function sharedThreadpools(binding: Binding): Library["threadpool"] {
  const pools = new Map<number, { readonly pointer: Pointer; users: number }>();
  return (threads) => {
    const pool = pools.get(threads) ?? { pointer: createThreadpool(binding, threads), users: 0 };
    pools.set(threads, pool);
    pool.users += 1;
    return {
      pointer: pool.pointer,
      release: () => {
        pool.users -= 1;
        if (pool.users > 0) return;
        pools.delete(threads);
        const free = binding.ggml_backend_reg_get_proc_address(cpuRegistry(binding), "ggml_threadpool_free");
        call(free, binding.types.ggml_threadpool_free, pool.pointer);
      },
    };
  };
}

const cpuRegistry = (binding: Binding): Pointer => binding.ggml_backend_dev_backend_reg(cpuDevice(binding));

/** Threads that stay: without a pool of ours ggml starts and joins its threads for every single token. */
function createThreadpool(binding: Binding, threads: number): Pointer {
  const create = binding.ggml_backend_reg_get_proc_address(cpuRegistry(binding), "ggml_threadpool_new");
  const parameters = new Uint8Array(sizeof(binding.types.ggml_threadpool_params));
  binding.ggml_threadpool_params_init(parameters, threads);
  new DataView(parameters.buffer).setUint32(offsetof(binding.types.ggml_threadpool_params, "poll"), poll, true);
  const pool = call(create, binding.types.ggml_threadpool_new, parameters) as Pointer;
  if (pool === null) throw new InfernoError("model_load_failed", `llama.cpp could not start ${threads} inference threads.`);
  return pool;
}

function unsupported(folder: LibraryFolder, reason: string, cause?: unknown): InfernoError {
  const message = `Inferno was built for llama.cpp ${release}, but the library in ${folder.path} does not fit: ${reason}.`;
  return new InfernoError("engine_unsupported", message, { cause });
}

import type { Library } from "../native/library.ts";
import type { Pointer } from "../native/llama.generated.ts";

/** Reads a GGUF file's header, and nothing else of it. The file has been checked (model-file.ts). */
export function withHeader<T>({ binding }: Library, path: string, read: (header: Pointer) => T): T | undefined {
  const header = binding.gguf_init_from_file(path, { no_alloc: true, ctx: null });
  if (header === null) return undefined;
  try {
    return read(header);
  } finally {
    binding.gguf_free(header);
  }
}

/** Tensors by name, with their sizes. */
export function tensorBytes({ binding }: Library, header: Pointer): ReadonlyMap<string, number> {
  const count = Number(binding.gguf_get_n_tensors(header));
  return new Map(Array.from({ length: count }, (_, index) =>
    [binding.gguf_get_tensor_name(header, index) ?? String(index), Number(binding.gguf_get_tensor_size(header, index))]));
}

/**
 * Weights by device: a block's tensors go where its layer goes, the embedding table stays in the machine's memory, and all else goes
 * with the output layer. A file without an output matrix uses the embedding table for it, twice when the output layer is on a GPU.
 */
export function placeTensors(tensors: ReadonlyMap<string, number>, layers: readonly string[]): ReadonlyMap<string, number> {
  const placed = new Map<string, number>();
  const outputDevice = layers.at(-1) ?? "CPU";
  const place = (device: string, bytes: number): void => void placed.set(device, (placed.get(device) ?? 0) + bytes);
  for (const [name, bytes] of tensors) {
    const block = /^blk\.(\d+)\./.exec(name)?.[1];
    if (block !== undefined) place(layers[Number(block)] ?? "CPU", bytes);
    else place(/^(?:token_embd|position_embd|token_types)/.test(name) ? "CPU" : outputDevice, bytes);
  }
  if (outputDevice !== "CPU" && !tensors.has("output.weight")) place(outputDevice, tensors.get("token_embd.weight") ?? 0);
  return placed;
}

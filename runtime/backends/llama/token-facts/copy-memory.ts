import { load } from "koffi";

import type { Pointer } from "../native/llama.generated.ts";

export type CopyMemory = (to: Float32Array, from: Pointer, bytes: number) => void;

/**
 * The C library's `memcpy`, into memory of ours: a twelfth of the time that it takes to have koffi make an array of them (18 µs for 49,152 floats).
 * Every process has it loaded already.
 */
export function memoryCopier(): CopyMemory {
  const library = load(process.platform === "win32" ? "msvcrt.dll" : null);
  return library.func("void *memcpy(void *to, const void *from, size_t bytes)") as CopyMemory;
}

import { InfernoError } from "../../../protocol/errors.ts";

/** What `llama_decode` means by its result, as llama.h documents it. */
export function decodeError(code: number, details: string): InfernoError {
  const reason = details === "" ? "" : ` (${details})`;
  return new InfernoError("decode_failed", `llama_decode returned ${code}: ${meaning(code)}${reason}.`);
}

function meaning(code: number): string {
  switch (code) {
    case 1: return "the KV cache has no room for the batch; nothing was decoded";
    case 2: return "the decoding was aborted part way";
    case -1: return "the batch is invalid; nothing was decoded";
    case -2: return "memory for the computation could not be allocated";
    case -3: return "the computation failed";
    default: return code > 0 ? "the decoding stopped with a warning" : "the decoding failed";
  }
}

/** Refused as a whole, before anything was computed. */
export const decodedNothing = (code: number): boolean => code === 1 || code === -1;

import { InfernoError } from "../../protocol/errors.ts";

/** What the engine threw, for those whose answers end with it; `doing` completes "The engine failed …". */
export function decodeFailure(doing: string, error: unknown): InfernoError {
  if (error instanceof InfernoError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new InfernoError("decode_failed", `The engine failed ${doing}: ${message}`, { cause: error });
}

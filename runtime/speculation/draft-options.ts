import type { LoadOptions } from "../backends/backend.ts";

/** A draft model follows every answer of the model that it guesses for, in as long a context, and guesses for nobody itself. Its memory was checked with that model's. */
export const draftOptions = (options: LoadOptions, path: string, context: number): LoadOptions =>
  ({ ...options, path, context, draft: undefined, kvCells: undefined, draftTokens: 0, candidates: 1, adapters: [], checkMemory: false });

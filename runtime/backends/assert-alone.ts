import { assert } from "../../base/assert.ts";
import type { BackendCapacity, BatchItem } from "./backend.ts";

/** What `BackendCapacity.deterministic` promises: a call for one sequence, which ends where a call over the same tokens always does. */
export function assertAlone(batch: readonly BatchItem[], { batch: chunk }: Pick<BackendCapacity, "batch">): void {
  const [item] = batch;
  assert(item !== undefined && batch.length === 1 && item.drafts === undefined, "a deterministic step has one sequence and no guesses");
  const { position, tokens: { length }, sampler } = item;
  const left = chunk - (position % chunk);
  assert(length === left || (length < left && sampler !== null), "a deterministic step ends at the end of a chunk or of its prompt");
}

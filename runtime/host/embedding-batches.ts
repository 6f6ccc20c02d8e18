import type { EmbedderLimits } from "../backends/embedder.ts";

/**
 * What goes into the next batch: the oldest input, then every younger one that still fits. One that does not fit leaves its place to
 * shorter ones, and is first as soon as it is the oldest.
 */
export function nextBatch<T extends { readonly tokens: number }>(pending: readonly T[], limits: Pick<EmbedderLimits, "tokens" | "inputs">): T[] {
  const batch: T[] = [];
  let room = limits.tokens;
  for (const item of pending) {
    if (batch.length === limits.inputs) break;
    if (item.tokens > room) continue;
    room -= item.tokens;
    batch.push(item);
  }
  return batch;
}

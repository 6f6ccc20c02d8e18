import { setImmediate } from "node:timers/promises";

/**
 * Lets the process read its messages within work of its own, and rejects when one of them says that nobody waits any more. Between runs of a graph it is not
 * needed: onnxruntime-node begins each in a turn of its own.
 */
export async function nextTurn(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

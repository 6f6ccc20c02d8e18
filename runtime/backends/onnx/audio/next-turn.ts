import { setImmediate } from "node:timers/promises";

/** Lets the process read its messages, which runs of a graph do not, and rejects when one of them says that nobody waits any more. */
export async function nextTurn(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

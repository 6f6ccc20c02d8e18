import { setTimeout as pause } from "node:timers/promises";

/**
 * Asks again until the answer is neither undefined nor false. The limit is generous: it only decides how long a failing test takes,
 * and a loaded machine must not turn a slow answer into a failure.
 */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>, limitMs = 60_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}`);
    await pause(50);
  }
}

import assert from "node:assert/strict";
import type { PlainAnswer } from "./plain-loop.ts";

/**
 * llama.cpp's attention over an f16 cache rounds by the number of rows, and by the order in which a pool's cells were filled: up to 0.2 in a
 * logit of Ember's. An answer may then differ from where two tokens are as good as equal, and nowhere else.
 */
export const nearTie = 0.5;

/** How near the tie was where `tokens` first differ from the plain loop's; null when they do not. `whole`: they are all of the answer. */
export function firstDifference(tokens: readonly number[], plain: PlainAnswer, limit: number, whole: boolean): number | null {
  const expected = plain.tokens.slice(0, limit);
  const at = expected.findIndex((token, index) => tokens[index] !== token && (whole || index < tokens.length));
  if (at === -1 && tokens.length <= expected.length) return null;
  const top = plain.tops[at === -1 ? expected.length : at];
  assert.ok(top, "the answer goes on behind its limit");
  return top[0] - top[1];
}

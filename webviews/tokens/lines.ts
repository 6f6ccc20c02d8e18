import type { Token } from "./conversation.ts";

/** Tokens that are drawn as one block: a line of the text. Each block is drawn anew only when something in it changes. */
export interface Line {
  readonly from: number;
  readonly to: number;
}

/** A block of more tokens than this would be drawn whole for every change of one. */
const most = 256;

/** Every line ends behind a token that ends a line of the text, where the answer begins, or at last when it is full. */
export function linesOf(tokens: readonly Token[], prompt: number): Line[] {
  const lines: Line[] = [];
  let from = 0;
  tokens.forEach(({ text }, index) => {
    const to = index + 1;
    if (!text.endsWith("\n") && to !== prompt && to !== tokens.length && to - from < most) return;
    lines.push({ from, to });
    from = to;
  });
  return lines;
}

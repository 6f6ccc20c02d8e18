/** A part of an answer: running text, or a block between code fences. */
export type Part = { readonly type: "text"; readonly text: string } | { readonly type: "code"; readonly language: string; readonly text: string };

/** Splits an answer at its code fences. A fence that is still open while the answer is written holds all that follows. */
export function splitAnswer(answer: string): Part[] {
  const parts: Part[] = [];
  let rest = answer;
  for (;;) {
    const open = /(^|\n)```([^\n`]*)(\n|$)/.exec(rest);
    if (open === null) break;
    pushText(parts, rest.slice(0, open.index));
    rest = rest.slice(open.index + open[0].length);
    const close = /(^|\n)```[ \t]*(\n|$)/.exec(rest);
    parts.push({ type: "code", language: open[2]?.trim() ?? "", text: close === null ? rest : rest.slice(0, close.index) });
    rest = close === null ? "" : rest.slice(close.index + close[0].length);
  }
  pushText(parts, rest);
  return parts;
}

function pushText(parts: Part[], text: string): void {
  const trimmed = text.replace(/^\n+|\n+$/g, "");
  if (trimmed !== "") parts.push({ type: "text", text: trimmed });
}

/** The offset of the first character at which this text stops being JSON; its length when it only ends too early; null when it is JSON. */
export function jsonErrorOffset(text: string): number | null {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let offset = 0;
  for (;;) {
    offset = skip(space, text, offset);
    const char = text[offset];
    if (char === undefined) return expected === "end" ? null : text.length;
    const closes = char === "}" || char === "]";
    if (closes) {
      const matching = char === "}" ? "{" : "[";
      const allowed = expected === "next" || expected === (char === "}" ? "firstKey" : "firstValue");
      if (!allowed || open.pop() !== matching) return offset;
      expected = open.length === 0 ? "end" : "next";
      offset += 1;
    } else if (expected === "next" || expected === "colon") {
      if (char !== (expected === "next" ? "," : ":")) return offset;
      expected = expected === "next" && open.at(-1) === "{" ? "key" : "value";
      offset += 1;
    } else if (expected === "key" || expected === "firstKey") {
      const end = char === '"' ? stringEnd(text, offset) : { bad: offset };
      if ("bad" in end) return end.bad;
      [offset, expected] = [end.offset, "colon"];
    } else if (expected === "end") {
      return offset;
    } else if (char === "{" || char === "[") {
      open.push(char);
      expected = char === "{" ? "firstKey" : "firstValue";
      offset += 1;
    } else {
      const end = scalarEnd(text, offset);
      if ("bad" in end) return end.bad;
      [offset, expected] = [end.offset, open.length === 0 ? "end" : "next"];
    }
  }
}

/** `next` is a comma or the closing bracket. */
type Expected = "value" | "firstValue" | "key" | "firstKey" | "colon" | "next" | "end";
type End = { readonly offset: number } | { readonly bad: number };

const space = /[ \t\n\r]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function scalarEnd(text: string, offset: number): End {
  if (text[offset] === '"') return stringEnd(text, offset);
  const end = skip(scalar, text, offset);
  return end === offset ? { bad: offset } : { offset: end };
}

/** A loop and not one pattern: a body may be one string of megabytes. */
function stringEnd(text: string, start: number): End {
  for (let offset = start + 1; ; ) {
    const char = text[offset];
    if (char === undefined) return { bad: text.length };
    if (char === '"') return { offset: offset + 1 };
    if (char < " ") return { bad: offset };
    const next = char === "\\" ? skip(escape, text, offset) : offset + 1;
    if (next === offset) return { bad: offset };
    offset = next;
  }
}

function skip(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}

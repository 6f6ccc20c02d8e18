/** A set of characters as ranges of code units, ascending. */
export type Ranges = readonly (readonly [from: number, to: number])[];

export type Node =
  | { readonly type: "empty" }
  | { readonly type: "set"; readonly ranges: Ranges }
  | { readonly type: "assert"; readonly what: "start" | "end" | "word" | "notWord" }
  | { readonly type: "sequence"; readonly items: readonly Node[] }
  | { readonly type: "choice"; readonly items: readonly Node[] }
  | { readonly type: "repeat"; readonly item: Node; readonly least: number; readonly most: number };

/** What is wrong with a pattern, and where. */
export class PatternError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const last = 0xffff;
const mostRepeats = 1000;
const digits: Ranges = [[48, 57]];
export const wordRanges: Ranges = [[48, 57], [65, 90], [95, 95], [97, 122]];
const spaces: Ranges = [[9, 13], [32, 32], [160, 160], [0x2028, 0x2029], [0xfeff, 0xfeff]];
const classes: Readonly<Record<string, Ranges>> = { d: digits, w: wordRanges, s: spaces, D: inverted(digits), W: inverted(wordRanges), S: inverted(spaces) };
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 };

function inverted(ranges: Ranges): Ranges {
  const result: [number, number][] = [];
  let next = 0;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (from > next) result.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= last) result.push([next, last]);
  return result;
}

const small = (code: number): number => String.fromCharCode(code).toLowerCase().charCodeAt(0);

/** Texts are searched in lower case: what names capitals means small letters too. */
const lowered = (ranges: Ranges): Ranges =>
  ranges.flatMap(([from, to]): Ranges => {
    if (from === to) return [[from, from], [small(from), small(from)]];
    const [first, last] = [Math.max(from, 65), Math.min(to, 90)];
    return first <= last ? [[from, to], [first + 32, last + 32]] : [[from, to]];
  });

/** Reads a regular expression for text in lower case: what JavaScript's has, but for what cannot be matched in bounded time (back references, look around). Throws `PatternError`. */
export function parsePattern(source: string): Node {
  const parser = new Parser(source);
  const node = parser.choice(0);
  if (!parser.atEnd) throw new PatternError("This ) closes nothing.", parser.at);
  return node;
}

class Parser {
  readonly #source: string;
  at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get atEnd(): boolean {
    return this.at >= this.#source.length;
  }

  choice(depth: number): Node {
    if (depth > 100) throw new PatternError("Groups are nested too deep.", this.at);
    const items = [this.#sequence(depth)];
    while (this.#take("|")) items.push(this.#sequence(depth));
    return items.length === 1 ? items[0]! : { type: "choice", items };
  }

  #sequence(depth: number): Node {
    const items: Node[] = [];
    while (!this.atEnd && !"|)".includes(this.#peek())) items.push(this.#repeated(depth));
    return items.length === 0 ? { type: "empty" } : items.length === 1 ? items[0]! : { type: "sequence", items };
  }

  #repeated(depth: number): Node {
    const start = this.at;
    let item = this.#atom(depth);
    for (;;) {
      const range = this.#quantifier();
      if (range === null) return item;
      if (item.type === "assert" && this.#source[start] !== "(") throw new PatternError("There is nothing here that could be repeated.", start);
      const [least, most] = range;
      // Whether it takes much or little changes nothing about whether it is found.
      this.#take("?");
      item = { type: "repeat", item, least, most };
      if (!this.atEnd && "*+?".includes(this.#peek())) throw new PatternError("There is nothing here that could be repeated.", this.at);
    }
  }

  #quantifier(): readonly [number, number] | null {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    const found = /^\{(\d+)(,(\d*))?\}/.exec(this.#source.slice(this.at, this.at + 20));
    if (found === null) return null;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === "" ? Infinity : Number(found[3]);
    if (most < least) throw new PatternError("The numbers in {} are out of order.", this.at);
    if (least > mostRepeats || (most !== Infinity && most > mostRepeats)) throw new PatternError(`More than ${mostRepeats} repetitions cannot be searched for.`, this.at);
    this.at += found[0].length;
    return [least, most];
  }

  #atom(depth: number): Node {
    const start = this.at;
    const character = this.#next();
    switch (character) {
      case "(": {
        if (this.#take("?")) {
          if (!this.#take(":")) throw new PatternError("Look ahead, look behind and named groups cannot be searched for; use (…) or (?:…).", start);
        }
        const inner = this.choice(depth + 1);
        if (!this.#take(")")) throw new PatternError("This ( is not closed.", start);
        return inner;
      }
      case "[":
        return { type: "set", ranges: this.#set(start) };
      case ".":
        return { type: "set", ranges: inverted([[10, 10], [13, 13], [0x2028, 0x2029]]) };
      case "^":
        return { type: "assert", what: "start" };
      case "$":
        return { type: "assert", what: "end" };
      case "*":
      case "+":
      case "?":
        throw new PatternError(`There is nothing before this ${character} that could be repeated.`, start);
      case "\\":
        return this.#escape(start);
      default:
        return { type: "set", ranges: one(character.charCodeAt(0)) };
    }
  }

  #escape(start: number): Node {
    if (this.atEnd) throw new PatternError("A \\ at the end stands for nothing.", start);
    const character = this.#next();
    if (character === "b" || character === "B") return { type: "assert", what: character === "b" ? "word" : "notWord" };
    if (/[1-9k]/.test(character)) throw new PatternError("References to groups cannot be searched for.", start);
    return { type: "set", ranges: classes[character] ?? one(this.#code(character, start)) };
  }

  /** The code unit that an escaped character stands for. */
  #code(character: string, start: number): number {
    const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4 };
    const length = digitsOf[character];
    let code = controls[character] ?? character.charCodeAt(0);
    if (length !== undefined) {
      const text = this.#source.slice(this.at, this.at + length);
      if (!/^[0-9a-fA-F]+$/.test(text) || text.length !== length) throw new PatternError(`\\${character} needs ${length} hexadecimal digits.`, start);
      this.at += length;
      code = Number.parseInt(text, 16);
    } else if (/[a-zA-Z]/.test(character) && controls[character] === undefined) {
      throw new PatternError(`\\${character} means nothing here.`, start);
    }
    return code;
  }

  #set(start: number): Ranges {
    const negated = this.#take("^");
    const ranges: (readonly [number, number])[] = [];
    while (!this.#take("]")) {
      if (this.atEnd) throw new PatternError("This [ is not closed.", start);
      const from = this.#member();
      if (typeof from !== "number") {
        ranges.push(...from);
        continue;
      }
      if (this.#peek() !== "-" || this.#source[this.at + 1] === "]" || this.at + 1 >= this.#source.length) {
        ranges.push([from, from]);
        continue;
      }
      const at = this.at++;
      const to = this.#member();
      if (typeof to !== "number" || to < from) throw new PatternError("This range is out of order.", at);
      ranges.push([from, to]);
    }
    return negated ? inverted(lowered(ranges)) : lowered(ranges);
  }

  #member(): number | Ranges {
    const start = this.at;
    const character = this.#next();
    if (character !== "\\") return character.charCodeAt(0);
    if (this.atEnd) throw new PatternError("A \\ at the end stands for nothing.", start);
    const escaped = this.#next();
    return escaped === "b" ? 8 : (classes[escaped] ?? this.#code(escaped, start));
  }

  #peek(): string {
    return this.#source[this.at] ?? "";
  }

  #next(): string {
    return this.#source[this.at++] ?? "";
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.at++;
    return true;
  }
}

const one = (code: number): Ranges => lowered([[code, code]]);

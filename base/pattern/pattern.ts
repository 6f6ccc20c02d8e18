import { parsePattern, PatternError, wordRanges, type Node, type Ranges } from "./pattern-parse.ts";

/** The instructions of a pattern: `set` takes a character, the others none. */
type Step =
  | { readonly op: "set"; readonly ranges: Ranges; next: number }
  | { readonly op: "split"; next: number; other: number }
  | { readonly op: "assert"; readonly what: "start" | "end" | "word" | "notWord"; next: number }
  | { readonly op: "found" };

/** More steps than anyone types; `(a{1000}){1000}` would have a million. */
const mostSteps = 5000;
/** States that are remembered; beyond, they are made anew. */
const mostStates = 400;

interface State {
  readonly steps: readonly number[];
  readonly isFound: boolean;
  /** By character: the next state. Beyond ASCII they are computed each time. */
  readonly next: (State | undefined)[];
}

/**
 * A regular expression that is searched for in time proportional to the text, whatever the pattern: all ways through it are followed at once, and sets of
 * ways that were met before are remembered. The browser's own engine tries them one after the other, and `(a+)+b` can keep it busy for years.
 */
export class Pattern {
  readonly #steps: Step[] = [];
  readonly #hasWords: boolean;
  #states = new Map<string, State>();

  /** Throws `PatternError`. */
  constructor(source: string) {
    const node = parsePattern(source);
    const entry = this.#emit(node, this.#add({ op: "found" }));
    // A match may begin anywhere: any character, again and again, before it.
    const any = this.#add({ op: "set", ranges: [[0, 0xffff]], next: -1 });
    this.#start = this.#add({ op: "split", next: entry, other: any });
    const loop = this.#steps[any]!;
    if (loop.op === "set") loop.next = this.#start;
    this.#hasWords = this.#steps.some((step) => step.op === "assert" && (step.what === "word" || step.what === "notWord"));
  }

  readonly #start: number;

  /** Whether the text holds a match, letters in any case. */
  test(text: string): boolean {
    const lower = text.toLowerCase();
    let state = this.#closure([this.#start], -1, lower.length === 0 ? -1 : lower.charCodeAt(0));
    for (let at = 0; at < lower.length; at++) {
      if (state.isFound) return true;
      const code = lower.charCodeAt(at);
      const following = at + 1 < lower.length ? lower.charCodeAt(at + 1) : -1;
      // What comes next matters only at the end and to word boundaries; elsewhere the step is remembered.
      const plain = following !== -1 && !this.#hasWords && code < 128;
      const remembered = plain ? state.next[code] : undefined;
      if (remembered !== undefined) {
        state = remembered;
        continue;
      }
      const reached: number[] = [];
      for (const place of state.steps) {
        const step = this.#steps[place]!;
        if (step.op === "set" && has(step.ranges, code)) reached.push(step.next);
      }
      const next = this.#closure(reached, code, following);
      if (plain) state.next[code] = next;
      state = next;
    }
    return state.isFound;
  }

  /** All steps that are reached without a character, between these two characters; -1 is an end of the text. */
  #closure(from: readonly number[], before: number, after: number): State {
    const seen = new Set<number>();
    const open = [...from];
    let isFound = false;
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seen.has(place)) continue;
      seen.add(place);
      const step = this.#steps[place]!;
      if (step.op === "found") isFound = true;
      else if (step.op === "split") open.push(step.next, step.other);
      else if (step.op === "assert" && holds(step.what, before, after)) open.push(step.next);
    }
    const steps = [...seen].filter((place) => this.#steps[place]!.op === "set").sort((a, b) => a - b);
    const key = `${isFound ? "!" : ""}${steps.join()}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      if (this.#states.size >= mostStates) this.#states = new Map();
      this.#states.set(key, (state = { steps, isFound, next: [] }));
    }
    return state;
  }

  #add(step: Step): number {
    if (this.#steps.length >= mostSteps) throw new PatternError("This pattern repeats too much to be searched for.", 0);
    return this.#steps.push(step) - 1;
  }

  /** Emits a node that goes on at `next`, and returns where it begins. */
  #emit(node: Node, next: number): number {
    switch (node.type) {
      case "empty":
        return next;
      case "set":
        return this.#add({ op: "set", ranges: node.ranges, next });
      case "assert":
        return this.#add({ op: "assert", what: node.what, next });
      case "sequence":
        return node.items.reduceRight((after, item) => this.#emit(item, after), next);
      case "choice":
        return node.items.map((item) => this.#emit(item, next)).reduce((other, entry) => this.#add({ op: "split", next: entry, other }));
      case "repeat":
        return this.#emitRepeat(node, next);
    }
  }

  #emitRepeat({ item, least, most }: Extract<Node, { type: "repeat" }>, next: number): number {
    let entry = next;
    if (most === Infinity) {
      const loop = this.#add({ op: "split", next: -1, other: next });
      const split = this.#steps[loop]!;
      if (split.op === "split") split.next = this.#emit(item, loop);
      entry = loop;
    } else {
      for (let more = least; more < most; more++) entry = this.#add({ op: "split", next: this.#emit(item, entry), other: next });
    }
    for (let more = 0; more < least; more++) entry = this.#emit(item, entry);
    return entry;
  }
}

const has = (ranges: Ranges, code: number): boolean => {
  for (const [from, to] of ranges) if (code >= from && code <= to) return true;
  return false;
};

const isWord = (code: number): boolean => code !== -1 && has(wordRanges, code);

function holds(what: "start" | "end" | "word" | "notWord", before: number, after: number): boolean {
  switch (what) {
    case "start":
      return before === -1;
    case "end":
      return after === -1;
    case "word":
      return isWord(before) !== isWord(after);
    case "notWord":
      return isWord(before) === isWord(after);
  }
}

import { mulberry32 } from "../../../base/random.ts";

/** What a script knows when it answers. */
export interface ScriptInput {
  /** The last user message, or the whole prompt where it is no conversation. */
  readonly question: string;
  /** 0 when sampling is greedy: then every seed gives the same answer. */
  readonly seed: number;
  /** The answer of the script `say`. */
  readonly text: string;
}

/** Answers of the fake engine, piece by piece; `count` never ends, so it runs until a limit or a cancel. */
export const scripts = {
  echo: ({ question }) => [question],
  reverse: ({ question }) => [Array.from(question).reverse().join("")],
  say: ({ text }) => [text],
  count,
  random: randomWords,
  /** The engine asks `mixedWord` for every token instead. */
  mix: () => [],
} as const satisfies Record<string, (input: ScriptInput) => Iterable<string>>;

export type ScriptName = keyof typeof scripts;
export const scriptNames = Object.keys(scripts) as [ScriptName, ...ScriptName[]];

function* count(): Generator<string> {
  for (let number = 1; ; number += 1) yield number === 1 ? "1" : ` ${number}`;
}

const subjects = ["The", "A", "One", "Every", "No"];
const things = ["ember", "spark", "lantern", "kettle", "river", "sparrow", "garden", "engine"];
const deeds = ["glows", "sings", "waits", "turns", "rests", "returns"];

/** Three short sentences that depend on nothing but the seed and the question. */
function* randomWords({ question, seed }: ScriptInput): Generator<string> {
  const next = mulberry32(seed ^ hash(question));
  const pick = (words: readonly string[]): string => words[Math.floor(next() * words.length)]!;
  for (let sentence = 0; sentence < 3; sentence += 1) {
    yield `${sentence === 0 ? "" : " "}${pick(subjects)} ${pick(things)} ${pick(deeds)}.`;
  }
}

/**
 * Number of the next word of the script `mix`, which depends on every token before it: one wrong cell changes the rest of the answer. Null is its end.
 * `skew` percent of the words are others than with 0, which makes a draft model of it.
 */
export function mixedWord(context: readonly number[], { words, skew }: { words: number; skew: number }): number | null {
  const next = mulberry32(fnv1a(context));
  const choice = Math.floor(next() * (words + 1));
  const skewed = next() * 100 < skew ? (choice + 1) % (words + 1) : choice;
  return skewed === words ? null : skewed;
}

function hash(text: string): number {
  return fnv1a(Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)));
}

function fnv1a(numbers: readonly number[]): number {
  let value = 0x811c9dc5;
  for (const it of numbers) value = Math.imul(value ^ it, 0x01000193);
  return value >>> 0;
}

import { mulberry32 } from "../../base/random.ts";

/**
 * A made-up language for speed tests: every word is exactly one token, so the length of a prompt is known, not guessed,
 * and what a model answers becomes the same tokens again when it is sent back.
 */
const consonants = Array.from("bcdfghjklmnprstvwxyz");
const vowels = Array.from("aeiou");
const syllables = consonants.flatMap((consonant) => vowels.map((vowel) => consonant + vowel));
/** A space, as byte-level BPE writes it. */
const space = "Ġ";

export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly merges: readonly string[];
  /** Index of the first token that is a word; all behind it are words too. */
  readonly firstWord: number;
  readonly end: number;
}

/** The characters that stand for bytes in byte-level BPE: printable ones for themselves, the others from U+0100 on. */
export function byteCharacters(): string[] {
  const printable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

/** The n-th word: two syllables for the first ten thousand, three from there on. */
export function word(index: number): string {
  const pairs = syllables.length ** 2;
  const [first, rest] = index < pairs ? ["", index] : [syllables[Math.floor((index - pairs) / pairs)] ?? "", (index - pairs) % pairs];
  return first + syllables[Math.floor(rest / syllables.length)]! + syllables[rest % syllables.length]!;
}

export function vocabulary(size: number): Vocabulary {
  const fixed = [...byteCharacters(), "<|end|>", ...syllables, ...syllables.map((syllable) => space + syllable)];
  const words = Array.from({ length: size - fixed.length }, (_, index) => word(index));
  return {
    tokens: [...fixed, ...words.map((text) => space + text)],
    // Whole syllables first, then the space before them, then word by word: the order decides what merges with what.
    merges: [
      ...syllables.map((syllable) => `${syllable[0]!} ${syllable[1]!}`),
      ...syllables.map((syllable) => `${space} ${syllable}`),
      ...words.map((text) => `${space}${text.slice(0, -2)} ${text.slice(-2)}`),
    ],
    firstWord: fixed.length,
    end: 256,
  };
}

/** A text of exactly `tokens` tokens; another seed has another text from its first word on. */
export function prose(tokens: number, seed: number): string {
  const next = mulberry32(seed);
  return Array.from({ length: tokens }, () => ` ${word(Math.floor(next() * 10_000))}`).join("");
}

import { assert } from "../../../base/assert.ts";

/** Tokens of the fake engine: every text can be written with them, and comes back byte for byte. */
export interface FakeVocabulary {
  /** Tokens known so far. */
  readonly size: number;
  encode(text: string): number[];
  bytes(token: number): Uint8Array;
}

/** One token per UTF-8 byte, so that every character beyond ASCII spans tokens. */
export function byteVocabulary(): FakeVocabulary {
  return {
    size: 256,
    encode: (text) => [...new TextEncoder().encode(text)],
    bytes: (token) => Uint8Array.of(token),
  };
}

/** One token per word with the white space before it. Words get their numbers in the order in which they are first seen. */
export function wordVocabulary(): FakeVocabulary {
  const words: Uint8Array[] = [];
  const numbers = new Map<string, number>();
  const encoder = new TextEncoder();
  const number = (word: string): number => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    numbers.set(word, words.length);
    return words.push(encoder.encode(word)) - 1;
  };
  return {
    get size() {
      return words.length;
    },
    encode: (text) => (text.match(/\s*\S+|\s+$/gu) ?? []).map(number),
    bytes: (token) => {
      const word = words[token];
      assert(word, `token ${token} is not in the fake vocabulary`);
      return word;
    },
  };
}

import { idMark } from "../output/id-mark.ts";

export type Match = { readonly kind: "none" } | { readonly kind: "partial" } | { readonly kind: "whole"; readonly length: number };

const none: Match = { kind: "none" };
const partial: Match = { kind: "partial" };
const isSpace = (character: string | undefined): boolean => character !== undefined && character.trim() === "";
const isWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}_]/u.test(character);
const idCharacter = /[A-Za-z0-9_-]/;

/**
 * Whether `text` begins with a piece of a tool syntax. White space may be there or not, except within words; a mark stands for any id.
 * `partial` when more text could still complete it.
 */
export function matchLiteral(text: string, literal: string): Match {
  let at = 0;
  let index = 0;
  while (index < literal.length) {
    const expected = literal[index];
    if (isSpace(expected)) {
      while (isSpace(literal[index])) index += 1;
      // White space at the end of the piece may still go on; what follows it skips it as well.
      while (isSpace(text[at])) at += 1;
      continue;
    }
    if (at >= text.length) return partial;
    if (expected === idMark) {
      const start = at;
      while (idCharacter.test(text[at] ?? "")) at += 1;
      if (at >= text.length) return partial;
      if (at === start) return none;
      index += 1;
    } else if (text[at] === expected) {
      at += 1;
      index += 1;
    } else if (isSpace(text[at]) && !(isWord(literal[index - 1]) && isWord(expected)) && index > 0) {
      at += 1;
    } else {
      return none;
    }
  }
  return { kind: "whole", length: at };
}

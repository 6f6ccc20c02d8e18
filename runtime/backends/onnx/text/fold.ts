import type { Span } from "./token-spans.ts";

/**
 * The form in which a text and its tokens are compared: without case, accents, spaces, control characters and compatibility variants.
 * Upper case, because a Greek sigma has two small letters, by its place in the word.
 */
export function fold(text: string): string {
  return text.normalize("NFKD").toUpperCase().normalize("NFKD").replace(/[\p{M}\p{C}\p{Z}\s\u2581\ufffd]+/gu, "");
}

/** As BERT cuts texts: punctuation, the signs of ASCII, and Chinese characters. */
const wordsByThemselves = /^[\p{P}$+<=>^`|~\p{Script=Han}]/u;

export interface FoldedSource {
  readonly text: string;
  /** What the folded characters `from` to `until` come from. */
  span(from: number, until: number): Span;
  beginsWord(at: number): boolean;
}

/** Folds character by character, so that each knows where it came from. */
export function foldSource(source: string): FoldedSource {
  const starts: number[] = [];
  const ends: number[] = [];
  const words = new Set<number>();
  let text = "";
  let wordIsOver = true;
  for (const { index, segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(source)) {
    const folded = fold(segment);
    const alone = wordsByThemselves.test(segment);
    if (folded !== "" && (wordIsOver || alone)) words.add(text.length);
    if (folded !== "") wordIsOver = alone;
    else if (/^\s/u.test(segment)) wordIsOver = true;
    for (let unit = 0; unit < folded.length; unit += 1) {
      starts.push(index);
      ends.push(index + segment.length);
    }
    text += folded;
  }
  return {
    text,
    span: (from, until) => ({ start: starts[from]!, end: ends[until - 1]! }),
    beginsWord: (at) => words.has(at),
  };
}

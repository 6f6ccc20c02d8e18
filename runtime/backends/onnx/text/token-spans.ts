import { piecesOf, type Piece, type TokenStyle } from "./token-pieces.ts";
import { foldSource, type FoldedSource } from "./fold.ts";

/** A part of a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where each token stands in its text; null for those that stand for nothing there, as special ones do.
 *
 * Tokenizers change texts before they cut them (case, accents, spaces), and ours does not say what came from where. So both sides are
 * brought to one form and read along each other. Unknown tokens, which could be anything, get what lies before the next known one.
 */
export function tokenSpans(text: string, tokens: readonly string[], style: TokenStyle): (Span | null)[] {
  const source = foldSource(text);
  const pieces = piecesOf(tokens, style);
  const spans: (Span | null)[] = tokens.map(() => null);
  let at = 0;
  for (let index = 0; index < pieces.length;) {
    const piece = pieces[index]!;
    if (piece.kind === "nothing") {
      index += 1;
    } else if (piece.kind === "text" && source.text.startsWith(piece.text, at)) {
      if (!style.special.has(tokens[index]!)) spans[index] = source.span(at, at + piece.text.length);
      at += piece.text.length;
      index += 1;
    } else if (piece.kind === "text" && found(source, textFrom(pieces, index), at) !== null) {
      // Something of the text became no token at all.
      at = found(source, textFrom(pieces, index), at)!;
    } else {
      const unknown = unknownFrom(pieces, index);
      index = unknown.at(-1)! + 1;
      const next = textFrom(pieces, index);
      const until = next === "" ? source.text.length : found(source, next, at) ?? at;
      for (const [place, span] of shared(source, at, until, unknown)) spans[place] = span;
      at = until;
    }
  }
  return spans;
}

/** The text of the tokens from `index` to the next unknown one. */
function textFrom(pieces: readonly Piece[], index: number): string {
  let text = "";
  for (let place = index; place < pieces.length; place += 1) {
    const piece = pieces[place]!;
    if (piece.kind === "unknown") break;
    if (piece.kind === "text") text += piece.text;
  }
  return text;
}

/** `from`, and the unknown tokens behind it. A known one is among them when we fold its letters otherwise than the tokenizer. */
function unknownFrom(pieces: readonly Piece[], from: number): number[] {
  const unknown = [from];
  for (let index = from + 1; index < pieces.length && pieces[index]!.kind !== "text"; index += 1) if (pieces[index]!.kind === "unknown") unknown.push(index);
  return unknown;
}

/** Where `text` goes on: rather at the beginning of a word, as an unknown token is mostly a whole one. */
function found(source: FoldedSource, text: string, from: number): number | null {
  let first: number | null = null;
  for (let at = source.text.indexOf(text, from); at >= 0; at = source.text.indexOf(text, at + 1)) {
    if (source.beginsWord(at)) return at;
    first ??= at;
  }
  return first;
}

/** Unknown tokens side by side: a word for each when that comes out even, else all have all of it. */
function shared(source: FoldedSource, from: number, until: number, places: readonly number[]): [number, Span | null][] {
  if (until <= from) return places.map((place) => [place, null]);
  const starts = [from];
  for (let at = from + 1; at < until; at += 1) if (source.beginsWord(at)) starts.push(at);
  if (starts.length !== places.length) return places.map((place) => [place, source.span(from, until)]);
  return places.map((place, index) => [place, source.span(starts[index]!, starts[index + 1] ?? until)]);
}

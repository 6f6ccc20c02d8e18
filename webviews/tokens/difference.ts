import { align, type Piece } from "./align.ts";
import type { Conversation, Token } from "./conversation.ts";

/** A part of two answers: both have it, or each has something else. */
export interface DifferencePart {
  readonly kind: Piece["kind"];
  readonly left: readonly Token[];
  readonly right: readonly Token[];
}

export interface Difference {
  readonly parts: readonly DifferencePart[];
  /** Tokens at the beginning that both have. */
  readonly common: number;
  /** Sums of log-probabilities: how likely each whole answer was. Null when one of its tokens had a probability of 0. */
  readonly leftSum: number | null;
  readonly rightSum: number | null;
}

export function differenceOf(left: Conversation, right: Conversation): Difference {
  const [a, b] = [answerOf(left), answerOf(right)];
  const pieces = align(a.map(keyOf), b.map(keyOf));
  const parts = pieces.map(({ kind, left: [from, to], right: [start, end] }) => ({ kind, left: a.slice(from, to), right: b.slice(start, end) }));
  const first = parts[0];
  return { parts, common: first?.kind === "same" ? first.left.length : 0, leftSum: sumOf(a), rightSum: sumOf(b) };
}

const answerOf = ({ tokens, prompt }: Conversation): readonly Token[] => tokens.slice(prompt);

/** Where texts are not recorded no two tokens are known to be the same. */
const keyOf = ({ id, place }: Token): number => id ?? -1 - place;

const sumOf = (tokens: readonly Token[]): number | null =>
  tokens.reduce<number | null>((sum, { choice }) => (sum === null || choice === null || choice.logprob === null ? null : sum + choice.logprob), 0);

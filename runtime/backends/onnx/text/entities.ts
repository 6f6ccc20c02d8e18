import type { TextEntity } from "../../../../protocol/infer.ts";
import type { Span } from "./token-spans.ts";

/** A token's best label; `span` null where it stands for nothing in the text. */
export interface LabelledToken {
  readonly label: string;
  readonly score: number;
  readonly span: Span | null;
}

/** What marks a token that is no part of anything. */
const outside = "O";

/** Each token that is part of something, by itself. */
export function tokenEntities(text: string, tokens: readonly LabelledToken[]): TextEntity[] {
  return tokens.flatMap(({ label, score, span }) => (span === null || label === outside ? [] : [entity(text, label, score, span)]));
}

/**
 * Tokens of one name joined: `B-` begins, `I-` goes on, `O` ends. An `I-` of another name, or behind `O`, begins too: models write it so.
 * The score is the mean of the tokens'.
 */
export function joinedEntities(text: string, tokens: readonly LabelledToken[]): TextEntity[] {
  const groups: { name: string; scores: number[]; start: number; end: number }[] = [];
  let open: (typeof groups)[number] | null = null;
  for (const { label, score, span } of tokens) {
    if (span === null) continue;
    const [, begins, name = label] = /^([BI])-(.+)$/s.exec(label) ?? [];
    if (label === outside) {
      open = null;
    } else if (open !== null && open.name === name && begins !== "B") {
      open.scores.push(score);
      open.end = Math.max(open.end, span.end);
    } else {
      open = { name, scores: [score], ...span };
      groups.push(open);
    }
  }
  return groups.map(({ name, scores, start, end }) => entity(text, name, scores.reduce((sum, score) => sum + score, 0) / scores.length, { start, end }));
}

function entity(text: string, label: string, score: number, { start, end }: Span): TextEntity {
  return { label, score, text: text.slice(start, end), start, end };
}

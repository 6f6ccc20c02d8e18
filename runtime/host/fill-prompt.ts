import type { Backend, FillTokens } from "../backends/backend.ts";
import type { Gap } from "./messages.ts";

/** Room for the prompt, when text may be left out for it; null when all of it is wanted. */
type Limit = number | null;

export interface FillPrompt {
  readonly tokens: number[];
  /** Tokens left out. */
  readonly dropped: number;
}

/** Of the room, the share of the text before the gap, which says more about what comes next than the text behind. */
const prefixShare = 0.75;

/**
 * The tokens of a text with a gap, in the order that models are trained on: other files, before the gap, behind it, and the token that asks
 * for the middle. What the texts contain is text: a control token written in source code is not one.
 */
export function fillPrompt({ prefix, suffix, files, beginning }: Gap, fill: FillTokens, tokenize: Backend["tokenize"], limit: Limit): FillPrompt {
  const plain = (text: string): number[] => tokenize(text, { addSpecial: false, parseSpecial: false });
  const begin = tokenize("", { addSpecial: true, parseSpecial: false });
  const before = plain(prefix + beginning);
  const behind = plain(suffix);
  const others = otherFiles(files, fill, plain);
  const fixed = begin.length + 3;
  const all = fixed + others.length + before.length + behind.length;
  const room = limit === null ? all : Math.max(0, limit - fixed);
  const [beforeRoom, behindRoom] = shares(before.length, behind.length, room);
  // Nearest to the gap: the end of what is before it, the beginning of what is behind, and of other files what room is left for.
  const keptBefore = last(before, beforeRoom);
  const keptBehind = behind.slice(0, behindRoom);
  const keptOthers = last(others, Math.max(0, room - keptBefore.length - keptBehind.length));
  const tokens = [...begin, ...keptOthers, fill.prefix, ...keptBefore, fill.suffix, ...keptBehind, fill.middle];
  return { tokens, dropped: all - tokens.length };
}

function otherFiles(files: Gap["files"], { repository, file }: FillTokens, plain: (text: string) => number[]): number[] {
  if (files.length === 0) return [];
  const begin = repository === null ? [] : [repository, ...plain("project\n")];
  const texts = files.flatMap(({ name, text }) => (file === null ? plain(`${text}\n\n`) : [file, ...plain(`${name}\n${text}\n`)]));
  // The file with the gap is one of the project's files too.
  return [...begin, ...texts, ...(file === null ? [] : [file, ...plain("file\n")])];
}

/** Each side gets its share, and what the other leaves of its own. */
function shares(before: number, behind: number, room: number): readonly [number, number] {
  if (before + behind <= room) return [before, behind];
  const first = Math.min(before, Math.max(Math.floor(room * prefixShare), room - behind));
  return [first, Math.min(behind, room - first)];
}

const last = <T>(items: readonly T[], count: number): T[] => (count === 0 ? [] : items.slice(-count));

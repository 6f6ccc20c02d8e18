import type { ChatMessage } from "../../protocol/api/openai.ts";

/** Of the room, the share of a text's beginning: instructions stand there. */
const headShare = 0.25;

export interface Truncated {
  readonly tokens: number[];
  readonly dropped: number;
}

/** Leaves out of the middle what is more than `limit`: the beginning and the newest stay. */
export function truncateMiddle(tokens: readonly number[], limit: number): Truncated {
  if (tokens.length <= limit) return { tokens: [...tokens], dropped: 0 };
  const head = Math.floor(limit * headShare);
  return { tokens: [...tokens.slice(0, head), ...tokens.slice(tokens.length - (limit - head))], dropped: tokens.length - limit };
}

/**
 * The same for a text whose tokens nobody has counted, and which is too long to count them: of no token more than `longest` characters, those that would stay
 * lie in what this leaves. Where it was cut, tokens are no more to be relied on; they are among those that go.
 */
export function withoutMiddle(text: string, limit: number, longest: number): string {
  if (text.length <= limit * longest) return text;
  const head = Math.floor(limit * headShare);
  return text.slice(0, head * longest) + text.slice(text.length - (limit - head) * longest);
}

/** Shorter conversations, longest first: the instructions at the beginning, then everything from one of the user's messages on. */
export function shorterConversations(messages: readonly ChatMessage[]): readonly (readonly ChatMessage[])[] {
  const first = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  if (first < 0) return [];
  const instructions = messages.slice(0, first);
  // Templates want the user to begin; the first one is the conversation as it is.
  const starts = messages.flatMap(({ role }, index) => (role === "user" && index > first ? [index] : []));
  return starts.map((start) => [...instructions, ...messages.slice(start)]);
}

/** The first that fits, when each is shorter than the one before, in as few tries as possible; null when none does. */
export function firstFitting<T, R>(candidates: readonly T[], attempt: (candidate: T) => R, fits: (result: R) => boolean): R | null {
  let [low, high] = [0, candidates.length];
  let best: R | null = null;
  while (low < high) {
    const middle = (low + high) >> 1;
    const result = attempt(candidates[middle]!);
    if (fits(result)) [best, high] = [result, middle];
    else low = middle + 1;
  }
  return best;
}

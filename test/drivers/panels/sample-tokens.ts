import type { AnswerTokens, TraceTokens } from "../../../protocol/trace-tokens.ts";

/** Tokens as a trace has them: `prompt` and `answer` are the pieces, each with an id of its own. */
export function sampleTokens(id: string, prompt: readonly string[], answer: readonly string[], change: Partial<TraceTokens> = {}): TraceTokens {
  const vocabulary = [...new Set([...prompt, ...answer, " other"])];
  const idOf = (piece: string): number => Array.from(piece).reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % 100_003, 7);
  return {
    id, recording: "full", live: false, complete: true, partial: {},
    pieces: Object.fromEntries(vocabulary.map((piece) => [idOf(piece), piece])),
    prompt: { ids: prompt.map(idOf), cached: Math.floor(prompt.length / 2) },
    answers: [columns(answer.map(idOf), idOf(" other"))],
    vitals: { timesUs: [], loopDelayUs: [], rssBytes: [], cells: [], cellsInAll: [], sequences: [], threads: [], othersBusy: [] },
    ...change,
  };
}

function columns(ids: readonly number[], other: number): AnswerTokens {
  const each = <T>(of: (at: number) => T): T[] => ids.map((_, at) => of(at));
  return {
    answer: 0, ids: [...ids], logprobs: each((at) => -0.1 * (at + 1)), entropies: each((at) => at / 2), topIds: each((at) => [ids[at]!, other]), topLogprobs: each((at) => [-0.1 * (at + 1), -3]),
    chosenBy: each(() => "greedy" as const), guesses: each(() => "none" as const), timesUs: each((at) => 1000 + at * 100), steps: each((at) => at + 1),
    batch: each(() => 1), cells: each((at) => at + 4), poolCells: each((at) => at + 9),
  };
}

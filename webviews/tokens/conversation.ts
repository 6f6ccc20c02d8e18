import type { AnswerTokens, ChosenBy, Guess, TraceTokens } from "../../protocol/trace-tokens.ts";

export interface Candidate {
  readonly id: number;
  readonly text: string;
  /** Null for a probability of 0. */
  readonly logprob: number | null;
}

/** What was recorded of a token that the model chose. */
export interface Choice {
  readonly logprob: number | null;
  readonly entropy: number | null;
  readonly chosenBy: ChosenBy;
  readonly guess: Guess;
  readonly candidates: readonly Candidate[];
  /** Since the trace's start. */
  readonly atUs: number;
  /** Since the choice before; null for the first, before which the prompt was computed. */
  readonly tookUs: number | null;
  readonly step: number;
  readonly batch: number;
  readonly cells: number;
  readonly poolCells: number;
}

export interface Token {
  /** Place in the prompt, or in the answer. */
  readonly place: number;
  /** Null where text is not recorded. */
  readonly id: number | null;
  readonly text: string;
  /** Its bytes in hexadecimal, where they are no whole characters. */
  readonly bytes: string | null;
  /** A prompt token that was not computed again. */
  readonly cached: boolean;
  /** Null for the prompt's. */
  readonly choice: Choice | null;
}

/** The prompt's tokens, then the answer's. */
export interface Conversation {
  readonly tokens: readonly Token[];
  /** So many are the prompt's. */
  readonly prompt: number;
}

export const noConversation: Conversation = { tokens: [], prompt: 0 };

/** A trace's tokens, or a branch's behind the prompt of the trace that it left. */
export function conversationOf(recorded: TraceTokens, answer: number, prompt: TraceTokens["prompt"] = recorded.prompt, pieces = recorded.pieces): Conversation {
  const text = (id: number) => recorded.pieces[id] ?? pieces[id] ?? "";
  const bytes = (id: number) => recorded.partial[id] ?? null;
  const asked = (prompt?.ids ?? []).map((id, place): Token => ({ place, id, text: text(id), bytes: bytes(id), cached: place < (prompt?.cached ?? 0), choice: null }));
  const columns = recorded.answers.find((one) => one.answer === answer);
  const answered = (columns?.logprobs ?? []).map((_, place): Token => {
    const id = columns?.ids?.[place] ?? null;
    return { place, id, text: id === null ? "" : text(id), bytes: id === null ? null : bytes(id), cached: false, choice: columns === undefined ? null : choiceOf(columns, place, text) };
  });
  return { tokens: [...asked, ...answered], prompt: asked.length };
}

function choiceOf(columns: AnswerTokens, place: number, text: (id: number) => string): Choice {
  const ids = columns.topIds?.[place] ?? [];
  const logprobs = columns.topLogprobs?.[place] ?? [];
  const atUs = columns.timesUs[place]!;
  return {
    logprob: columns.logprobs[place]!, entropy: columns.entropies[place]!, chosenBy: columns.chosenBy[place]!, guess: columns.guesses[place]!,
    candidates: ids.map((id, rank) => ({ id, text: text(id), logprob: logprobs[rank] ?? null })),
    atUs, tookUs: place === 0 ? null : Math.max(0, atUs - columns.timesUs[place - 1]!),
    step: columns.steps[place]!, batch: columns.batch[place]!, cells: columns.cells[place]!, poolCells: columns.poolCells[place]!,
  };
}

/** 0 for a probability of 0. */
export const probabilityOf = (logprob: number | null): number => (logprob === null ? 0 : Math.exp(logprob));

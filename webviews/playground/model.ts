import type { ModelStatus } from "../../protocol/api/inferno.ts";
import type { FinishReason, Timings, Usage } from "../../protocol/api/openai.ts";
import type { ErrorBody } from "../../protocol/errors.ts";
import type { ChatTurn, FromPlayground, PlaygroundSampling, ToPlayground } from "../../protocol/panels/playground.ts";

type ErrorFacts = ErrorBody["error"];

/** One question and what came of it. Its id is that of the request, so that late messages of an old request find nothing to change. */
export interface Exchange {
  readonly id: number;
  readonly question: string;
  readonly model: string;
  readonly answer: string;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly type: "streaming" }
  | { readonly type: "finished"; readonly reason: FinishReason; readonly usage: Usage; readonly timings: Timings }
  /** The user stopped it, or the page was closed in the middle. */
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly error: ErrorFacts };

export interface PlaygroundState {
  /** Null until the daemon has answered once. */
  readonly models: readonly ModelStatus[] | null;
  readonly offline: ErrorFacts | null;
  /** The chosen model; kept while the list does not have it, as when the daemon is just starting. */
  readonly model: string | null;
  readonly system: string;
  readonly draft: string;
  readonly sampling: PlaygroundSampling;
  readonly exchanges: readonly Exchange[];
  readonly nextId: number;
}

export type PlaygroundAction =
  | { readonly type: "received"; readonly message: ToPlayground }
  | { readonly type: "choose"; readonly model: string }
  | { readonly type: "draft"; readonly text: string }
  | { readonly type: "system"; readonly text: string }
  | { readonly type: "sampling"; readonly field: keyof PlaygroundSampling; readonly value: number | undefined }
  | { readonly type: "defaults" }
  /** Sends the draft. */
  | { readonly type: "send" }
  /** Asks the last question again, in place of its answer. */
  | { readonly type: "again" }
  | { readonly type: "clear" };

export const initialPlayground: PlaygroundState = {
  models: null, offline: null, model: null, system: "", draft: "", sampling: {}, exchanges: [], nextId: 1,
};

export function reducePlayground(state: PlaygroundState, action: PlaygroundAction): PlaygroundState {
  switch (action.type) {
    case "received":
      return receive(state, action.message);
    case "choose":
      return { ...state, model: action.model };
    case "draft":
      return { ...state, draft: action.text };
    case "system":
      return { ...state, system: action.text };
    case "sampling":
      return { ...state, sampling: { ...state.sampling, [action.field]: action.value } };
    case "defaults":
      return { ...state, sampling: {} };
    case "send":
      return canSend(state) ? { ...ask(state, state.exchanges, state.draft.trim()), draft: "" } : state;
    case "again": {
      const last = state.exchanges.at(-1);
      return last === undefined || !canAsk(state) ? state : ask(state, state.exchanges.slice(0, -1), last.question);
    }
    case "clear":
      return { ...state, exchanges: [] };
  }
}

const ask = (state: PlaygroundState, before: readonly Exchange[], question: string): PlaygroundState => ({
  ...state,
  nextId: state.nextId + 1,
  exchanges: [...before, { id: state.nextId, question, model: state.model ?? "", answer: "", outcome: { type: "streaming" } }],
});

function receive(state: PlaygroundState, message: ToPlayground): PlaygroundState {
  switch (message.type) {
    case "models":
      return { ...state, models: message.models, offline: null, model: chosen(state.model, message.models) };
    case "select":
      return { ...state, model: message.model };
    case "offline":
      return { ...state, offline: message.error.error };
    case "text":
      return change(state, message.id, (exchange) => ({ ...exchange, answer: exchange.answer + message.text }));
    case "finished": {
      const { reason, usage, timings } = message;
      return change(state, message.id, (exchange) => ({ ...exchange, outcome: { type: "finished", reason, usage, timings } }));
    }
    case "failed": {
      const { error } = message.error;
      return change(state, message.id, (exchange) => ({ ...exchange, outcome: error.code === "request_cancelled" ? { type: "stopped" } : { type: "failed", error } }));
    }
  }
}

/** Only an exchange that still streams changes: what has ended stays as it ended. */
function change(state: PlaygroundState, id: number, next: (exchange: Exchange) => Exchange): PlaygroundState {
  const exchanges = state.exchanges.map((exchange) => (exchange.id === id && exchange.outcome.type === "streaming" ? next(exchange) : exchange));
  return { ...state, exchanges };
}

const chosen = (model: string | null, models: readonly ModelStatus[]): string | null => model ?? models.find(chats)?.name ?? null;

/** Models for plain completion have no chat template and would refuse every message. */
export const chats = (model: ModelStatus): boolean => model.task === "chat";

export const streaming = (state: PlaygroundState): Exchange | null => state.exchanges.find(({ outcome }) => outcome.type === "streaming") ?? null;

export const canAsk = (state: PlaygroundState): boolean => state.model !== null && streaming(state) === null;
export const canSend = (state: PlaygroundState): boolean => canAsk(state) && state.draft.trim() !== "";

/** The chosen model's state, or null when the daemon does not list it. */
export const currentModel = (state: PlaygroundState): ModelStatus | null => state.models?.find(({ name }) => name === state.model) ?? null;

/** The request of the exchange that streams. Failed questions and empty answers are left out: the model never saw or said them. */
export function requestOf(state: PlaygroundState): Extract<FromPlayground, { type: "send" }> | null {
  const current = streaming(state);
  if (current === null) return null;
  const turns: ChatTurn[] = state.system.trim() === "" ? [] : [{ role: "system", content: state.system.trim() }];
  for (const { id, question, answer } of state.exchanges) {
    if (id === current.id) turns.push({ role: "user", content: question });
    else if (answer !== "") turns.push({ role: "user", content: question }, { role: "assistant", content: answer });
  }
  const sampling = Object.fromEntries(Object.entries(state.sampling).filter(([, value]) => value !== undefined));
  return { type: "send", id: current.id, model: current.model, turns, sampling };
}

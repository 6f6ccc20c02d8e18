import type { DebugState, DebugToken } from "../../protocol/api/debug.ts";
import type { ErrorBody } from "../../protocol/errors.ts";
import type { DebugWork, EarlierPrompt, ToTokens } from "../../protocol/panels/tokens.ts";
import type { Trace, TraceSummary } from "../../protocol/trace.ts";
import type { TraceTokens } from "../../protocol/trace-tokens.ts";
import { shownName } from "./branches.ts";
import { medianTook, type Colouring } from "./colours.ts";
import { conversationOf, noConversation, type Conversation } from "./conversation.ts";
import { linesOf, type Line } from "./lines.ts";

export type View = "text" | "table" | "difference";

export interface TokensState {
  /** Null until the first list has come. */
  readonly traces: readonly TraceSummary[] | null;
  readonly trace: Trace | null;
  readonly recorded: TraceTokens | null;
  /** Number of the answer that is shown, of a request with several. */
  readonly answer: number;
  readonly earlier: EarlierPrompt | null;
  /** The trace that was asked for and has not come yet. */
  readonly opening: string | null;
  readonly error: ErrorBody["error"] | null;
  readonly debug: DebugState | null;
  readonly work: DebugWork | null;
  /** Why the debug session could not do what was asked last. */
  readonly refused: ErrorBody["error"] | null;
  /** Tokens of the debug session's branches, by trace. */
  readonly branches: ReadonlyMap<string, TraceTokens>;
  /** The branch that is shown: the trace itself, or one of the session's. */
  readonly branch: string | null;
  /** The branch that it is compared with. */
  readonly against: string | null;
  /** What was looked at closer, last. */
  readonly closer: DebugToken | null;
  readonly conversation: Conversation;
  readonly lines: readonly Line[];
  readonly medianUs: number;
  /** Index in the conversation, -1 for none. */
  readonly selected: number;
  readonly colouring: Colouring;
  readonly view: View;
}

export type TokensAction =
  | { readonly type: "received"; readonly message: ToTokens }
  | { readonly type: "opening"; readonly traceId: string }
  | { readonly type: "select"; readonly index: number }
  | { readonly type: "colour"; readonly colouring: Colouring }
  | { readonly type: "view"; readonly view: View }
  | { readonly type: "answer"; readonly answer: number }
  | { readonly type: "branch"; readonly trace: string }
  | { readonly type: "against"; readonly trace: string };

export const initialTokens: TokensState = {
  traces: null, trace: null, recorded: null, answer: 0, earlier: null, opening: null, error: null, debug: null, work: null, refused: null, branches: new Map(), branch: null, against: null,
  closer: null, conversation: noConversation, lines: [], medianUs: 0, selected: -1, colouring: "probability", view: "text",
};

export function reduceTokens(state: TokensState, action: TokensAction): TokensState {
  switch (action.type) {
    case "received":
      return receive(state, action.message);
    case "opening":
      return { ...state, opening: action.traceId, error: null };
    case "select":
      return action.index < -1 || action.index >= state.conversation.tokens.length || action.index === state.selected ? state : { ...state, selected: action.index, refused: null };
    case "colour":
      return { ...state, colouring: action.colouring };
    case "view":
      return { ...state, view: action.view };
    case "answer":
      return read({ ...state, answer: action.answer, branch: state.trace?.id ?? null, selected: -1 });
    case "branch":
      return selectable(state, action.trace) ? inBounds(read({ ...state, branch: action.trace, against: state.against === action.trace ? state.branch : state.against })) : state;
    case "against":
      return selectable(state, action.trace) ? { ...state, against: action.trace } : state;
  }
}

function receive(state: TokensState, message: ToTokens): TokensState {
  switch (message.type) {
    case "traces":
      return { ...state, traces: message.traces, error: null };
    case "trace":
      return show(state, message.trace, message.tokens);
    case "growth":
      return state.trace?.id === message.tokens.id ? read({ ...state, recorded: message.tokens }) : state;
    case "earlier":
      return state.trace?.id === message.traceId ? { ...state, earlier: message.earlier } : state;
    case "debug":
      return debugged(state, message.state, message.work);
    case "branch":
      return grow(state, message.tokens);
    case "closer":
      return { ...state, closer: message.token, refused: null };
    case "refused":
      return { ...state, refused: message.error.error };
    case "failed":
      return { ...state, opening: null, error: message.error.error };
  }
}

function show(state: TokensState, trace: Trace, recorded: TraceTokens): TokensState {
  const shown = { ...state, trace, recorded, opening: null, error: null };
  if (state.trace?.id === trace.id) return read(shown);
  return read({
    ...shown, answer: recorded.answers[0]?.answer ?? 0, earlier: null, branches: new Map(), branch: trace.id, against: null, closer: null, refused: null, selected: -1, view: state.view === "difference" ? "text" : state.view,
  });
}

function debugged(state: TokensState, debug: DebugState | null, work: DebugWork | null): TokensState {
  // What was refused stays until something else is tried.
  const refused = work === null ? state.refused : null;
  const ended = debug === null || (state.debug !== null && debug.id !== state.debug.id);
  if (!ended) return { ...state, debug, work, refused };
  const gone = { ...state, debug, work, refused, branches: new Map<string, TraceTokens>(), against: null, closer: null, view: state.view === "difference" ? "text" as const : state.view };
  return state.branch === state.trace?.id ? gone : inBounds(read({ ...gone, branch: state.trace?.id ?? null }));
}

/** A new branch is shown beside the one that it left. */
function grow(state: TokensState, tokens: TraceTokens): TokensState {
  const known = state.branches.has(tokens.id);
  const branches = new Map(state.branches).set(tokens.id, tokens);
  const next = { ...state, branches };
  if (known) return state.branch === tokens.id ? read(next) : next;
  const parent = state.debug?.branches.find(({ trace }) => trace === tokens.id)?.parent;
  return inBounds(read({ ...next, branch: tokens.id, against: parent === null || parent === undefined || state.debug === null ? state.trace?.id ?? null : shownName(state.debug, parent.trace) }));
}

const selectable = (state: TokensState, trace: string): boolean => trace === state.trace?.id || state.branches.has(trace);

/** The tokens of a branch's answer; null when they have not come. */
export function conversationIn({ recorded, branches, trace, answer }: Pick<TokensState, "recorded" | "branches" | "trace" | "answer">, branch: string): Conversation | null {
  if (recorded === null) return null;
  if (branch === trace?.id) return conversationOf(recorded, answer);
  const tokens = branches.get(branch);
  return tokens === undefined ? null : conversationOf(tokens, 0, recorded.prompt, recorded.pieces);
}

/** Makes anew what follows from the tokens. */
function read(state: TokensState): TokensState {
  const conversation = state.branch === null ? noConversation : conversationIn(state, state.branch) ?? noConversation;
  return { ...state, conversation, lines: linesOf(conversation.tokens, conversation.prompt), medianUs: medianTook(conversation.tokens) };
}

const inBounds = (state: TokensState): TokensState => (state.selected < state.conversation.tokens.length ? state : { ...state, selected: -1 });

/** What was looked at closer, if it is the selected token. */
export function closerOf({ closer, selected, conversation, branch, debug }: TokensState): DebugToken | null {
  if (closer === null || debug === null || selected < conversation.prompt) return null;
  return shownName(debug, closer.trace) === branch && closer.index === selected - conversation.prompt ? closer : null;
}

/** The place of the selected token as the debug session knows it; null for the prompt's and for none. */
export function placeOf({ selected, conversation, branch }: TokensState): { readonly trace: string; readonly token: number } | null {
  return selected < conversation.prompt || branch === null ? null : { trace: branch, token: selected - conversation.prompt };
}

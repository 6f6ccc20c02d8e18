import { DebugAction, type DebugBreakpoint, type DebugBranch, type DebugStart, type DebugState, type DebugToken } from "../../../../protocol/api/debug.ts";
import { Client } from "../../../../protocol/client/index.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { TraceTokens } from "../../../../protocol/trace-tokens.ts";

const words = ["The", " sun", " is", " a", " star", "."];

/** The debug routes of a daemon whose model always says the same six words. Answers over HTTP's own types, so that the real client reads them. */
export class FakeDaemon {
  readonly starts: DebugStart[] = [];
  readonly actions: DebugAction[] = [];
  /** While set, a `continue` stands only when the test or a pause lets it. */
  isSlow = false;
  isDown = false;
  readonly client = new Client({ url: "http://fake", token: "t", fetch: async (input, init) => await this.#fetch(new URL(input instanceof Request ? input.url : input), init) });
  #state: DebugState | null = null;
  #moving: (() => void) | null = null;

  get state(): DebugState {
    if (this.#state === null) throw new InfernoError("debug_session_not_found", 'No debug session has the id "s".');
    return this.#state;
  }

  /** Changes what the daemon says of the session. */
  patch(change: Partial<DebugState>): void {
    this.#state = { ...this.state, ...change };
  }

  /** Whether a slow move is under way. */
  get isMoving(): boolean {
    return this.#moving !== null;
  }

  async #fetch(url: URL, init: RequestInit | undefined): Promise<Response> {
    if (this.isDown) throw new TypeError("fetch failed");
    try {
      return Response.json(await this.#route(url, typeof init?.body === "string" ? JSON.parse(init.body) : undefined));
    } catch (thrown) {
      const error = InfernoError.from(thrown);
      return Response.json(error.toBody(), { status: error.status });
    }
  }

  async #route(url: URL, body: unknown): Promise<unknown> {
    const [, , , , , what, token] = url.pathname.split("/");
    if (url.pathname === "/api/v1/debug") return this.#start(body as DebugStart);
    if (url.pathname.startsWith("/api/v1/traces/")) return unrecorded;
    if (what === "act") return await this.#act(DebugAction.parse(body));
    if (what === "tokens") return tokenOf(Number(token), url.searchParams.get("trace") ?? "");
    if (what === "evaluate") return evaluated((body as { expression: string }).expression, this.state);
    throw new InfernoError("route_not_found", `The fake has no ${url.pathname}`);
  }

  #start(start: DebugStart): DebugState {
    this.starts.push(start);
    if (start.kind === "replay" && start.trace === "missing") throw new InfernoError("trace_not_found", 'No trace has the id "missing".');
    const replay = start.kind === "replay" ? { of: start.trace, compared: 1, exact: true, firstDifference: null, reasons: ["The library is another release: b1 then, b2 now."] } : null;
    this.#state = {
      id: "s", model: "ember", status: "stopped", reason: "entry", hits: [], at: { trace: "a", token: 0 }, branches: [branch("a", 1)], breakpoints: [], turnsLeft: 0,
      attached: start.kind === "attach", replay,
    };
    return this.#state;
  }

  async #act(action: DebugAction): Promise<DebugState> {
    this.actions.push(action);
    if (action.do === "pause") {
      this.#moving?.();
      this.#moving = null;
      return this.state;
    }
    if (action.do === "end") {
      const { state } = this;
      this.#moving?.();
      this.#state = null;
      return { ...state, status: "ended" };
    }
    if (this.#moving !== null) throw new InfernoError("debug_busy", "The debug session is on its way to its next stop.");
    if (action.do === "breakpoints") return this.#set(action.breakpoints);
    if (action.do === "continue" && this.isSlow) {
      await new Promise<void>((resolve) => (this.#moving = resolve));
      this.patch({ reason: "pause" });
    } else this.#move(action);
    return this.state;
  }

  #set(breakpoints: DebugBreakpoint[]): DebugState {
    const wrong = breakpoints.find((each) => each.kind === "expression" && each.expression.includes("nonsense"));
    if (wrong !== undefined) throw new InfernoError("invalid_request", "The expression cannot be used: Unknown variable: nonsense.", { param: "expression" });
    this.patch({ breakpoints });
    return this.state;
  }

  #move(action: Exclude<DebugAction, { do: "pause" | "end" | "breakpoints" }>): void {
    const at = this.state.at.token ?? 0;
    switch (action.do) {
      case "step": return action.by === "turn" ? this.#stand("end", words.length - 1) : this.#stand(at + 1 >= words.length ? "end" : "step", at + 1);
      case "back": return this.#stand("step", at - 1);
      case "goto": return this.#stand("goto", action.token);
      case "continue": return this.#run(at, 1);
      case "reverse": return this.#run(at, -1);
      case "fork": return this.patch({ reason: "fork", hits: [], branches: [...this.state.branches, { ...branch("b", action.token + 1), kind: "fork", parent: { trace: "a", token: action.token } }], at: { trace: "b", token: action.token } });
      case "select": return this.patch({ reason: "select", hits: [], at: { trace: action.trace, token: 0 } });
      default: action satisfies never;
    }
  }

  /** Stops where a breakpoint that the fake understands holds. */
  #run(from: number, by: 1 | -1): void {
    for (let at = from + by; at >= 0 && at < words.length; at += by) {
      const hits = this.state.breakpoints.flatMap((each, number) => (holds(each, at) ? [number] : []));
      if (hits.length > 0) return this.#stand("breakpoint", at, hits);
    }
    this.#stand(by === 1 ? "end" : "entry", by === 1 ? words.length - 1 : 0);
  }

  #stand(reason: DebugState["reason"], token: number, hits: number[] = []): void {
    const at = Math.max(0, Math.min(words.length - 1, token));
    const branches = this.state.branches.map((each) => (each.trace === this.state.at.trace ? { ...each, tokens: Math.max(each.tokens, at + 1), over: at === words.length - 1 ? "stop" as const : each.over } : each));
    this.patch({ reason, hits, branches, at: { ...this.state.at, token: at } });
  }
}

/** A trace without tokens, as one with `traces.tokens` off: the document then asks for each. */
const unrecorded: TraceTokens = {
  id: "a", recording: "off", live: true, complete: true, pieces: {}, partial: {}, prompt: null, answers: [],
  vitals: { timesUs: [], loopDelayUs: [], rssBytes: [], cells: [], cellsInAll: [], sequences: [], threads: [], othersBusy: [] },
};

const branch = (trace: string, tokens: number): DebugBranch => ({ trace, parent: null, kind: "start", tokens, over: null, error: null, text: words.slice(0, tokens).join("") });

const holds = (breakpoint: DebugBreakpoint, at: number): boolean => {
  if (breakpoint.kind === "expression") return breakpoint.expression.startsWith(`index == ${at}`);
  if (breakpoint.kind === "probability") return at === 3;
  return breakpoint.kind === "text" && words[at]?.includes(breakpoint.pattern) === true;
};

function tokenOf(index: number, trace: string): DebugToken {
  const candidates = [{ id: 10 + index, text: words[index] ?? "", logit: 4, probability: 0.7 }, { id: 99, text: " moon", logit: 3, probability: 0.3 }];
  return {
    trace, index, id: 10 + index, text: words[index] ?? "", probability: 0.7, logprob: -0.36, entropy: 0.6, chosenBy: "draw", guess: "none", step: index, batch: 1, cells: 8, poolCells: 9, latencyMs: 2,
    toolCall: null, grammar: null,
    stages: [
      { name: "logits", settings: {}, kept: 2, candidates, chosen: null },
      { name: "temperature", settings: { temperature: 0.5 }, kept: 1, candidates: [{ ...candidates[0]!, logit: 8, probability: 1 }], chosen: 10 + index },
    ],
  };
}

function evaluated(expression: string, { at }: DebugState): { readonly value: unknown; readonly type: string } {
  if (expression === "index") return { value: at.token, type: "int" };
  if (expression === "top") return { value: { " sun": 0.7 }, type: "map" };
  throw new InfernoError("invalid_request", `The expression ${JSON.stringify(expression)} cannot be used: Unknown variable.`, { param: "expression" });
}

import { randomBytes } from "node:crypto";
import type { DebugStart, DebugState } from "../../protocol/api/debug.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { TraceTokens } from "../../protocol/trace-tokens.ts";
import type { Trace } from "../../protocol/trace.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";
import { Branch, type BranchDeps } from "./branch.ts";
import { Breakpoints } from "./breakpoints.ts";
import type { Generating } from "./generating.ts";
import { Replay } from "./replay.ts";
import { DebugSession, gone, type SessionOptions } from "./session.ts";

const mostSessions = 16;
/** A session that nobody has asked anything of for so long is ended: its requests hold memory. */
const forgottenMs = 3600_000;

/** What only the routes know: how bodies become requests. */
export interface Requests extends Pick<SessionOptions, "nextTurn" | "resample"> {
  readonly chat: (start: Extract<DebugStart, { kind: "chat" }>) => Generating;
  readonly completion: (start: Extract<DebugStart, { kind: "completion" }>) => Generating;
  /** What a recorded request asked for, with the settings that it ran with; null when that was not recorded. Throws for one that cannot run here. */
  readonly recorded: (trace: Trace) => Generating | null;
  readonly model: (name: string) => ModelRuntime;
}

export interface DebugSessionsDeps extends BranchDeps {
  readonly sleep: (ms: number) => Promise<void>;
}

interface Held {
  readonly session: DebugSession;
  usedUs: number;
}

/** All debug sessions. */
export class DebugSessions {
  readonly #deps: DebugSessionsDeps;
  readonly #held = new Map<string, Held>();
  /** Sessions whose first request is on its way: they have their place already, and end with `endAll`. */
  readonly #starting = new Set<AbortController>();
  #watching = false;

  constructor(deps: DebugSessionsDeps) {
    this.#deps = deps;
  }

  get all(): DebugState[] {
    return [...this.#held.values()].map(({ session }) => session.state);
  }

  /** Throws `debug_session_not_found`. */
  find(id: string): DebugSession {
    const held = this.#held.get(id);
    if (held === undefined) throw gone(id);
    held.usedUs = this.#deps.clock.nowUs();
    return held.session;
  }

  /** Begins a session; resolves when it stands at its first token. `left`: whoever asked has left. Rejects when the request fails before it has one. */
  async start(start: DebugStart, requests: Requests, left: AbortSignal): Promise<DebugState> {
    if (this.#held.size + this.#starting.size >= mostSessions) throw new InfernoError("debug_impossible", `There are ${mostSessions} debug sessions already.`, { hint: "End one: POST /api/v1/debug/ID/act with {\"do\": \"end\"}." });
    const stop = new AbortController();
    this.#starting.add(stop);
    try {
      return await this.#begun(start, requests, AbortSignal.any([left, stop.signal]), () => this.#starting.delete(stop));
    } finally {
      this.#starting.delete(stop);
    }
  }

  async #begun(start: DebugStart, requests: Requests, signal: AbortSignal, onHeld: () => void): Promise<DebugState> {
    const breakpoints = new Breakpoints(start.breakpoints);
    const { first, replay, onEnded } = await this.#first(start, requests, signal);
    const id = randomBytes(8).toString("hex");
    const { chat: _, completion: _c, recorded: _r, model: _m, ...making } = requests;
    const session = new DebugSession({
      id, deps: this.#deps, first, replay, breakpoints, ...making, turns: start.kind === "chat" ? start.turns : [], tokenOf,
      onEnded: () => {
        this.#held.delete(id);
        onEnded();
      },
    });
    this.#held.set(id, { session, usedUs: this.#deps.clock.nowUs() });
    onHeld();
    if (!this.#watching) void this.#watch();
    try {
      const state = await session.enter(signal);
      const { error, tokens } = first.describe();
      if (error !== null && tokens === 0) throw InfernoError.fromBody(error);
      if (signal.aborted) await session.end();
      return state;
    } catch (error) {
      await session.end();
      throw error;
    }
  }

  /** Ends those of a model, or all; with those that only begin, whatever their model. */
  async endAll(model?: string): Promise<void> {
    for (const stop of this.#starting) stop.abort(new InfernoError("request_cancelled", "The model is being unloaded."));
    await Promise.all([...this.#held.values()].map(async ({ session }) => (model === undefined || session.model === model ? await session.end() : undefined)));
  }

  async #first(start: DebugStart, requests: Requests, left: AbortSignal): Promise<{ readonly first: Branch; readonly replay: Replay | null; readonly onEnded: () => void }> {
    const own = { replay: null, onEnded: () => undefined };
    switch (start.kind) {
      case "chat": return { ...own, first: await this.#begin(requests.chat(start), left) };
      case "completion": return { ...own, first: await this.#begin(requests.completion(start), left) };
      case "replay": return { ...own, ...(await this.#replay(start.trace, requests, left)) };
      case "attach": return { ...own, ...(await this.#attach(start.trace, requests)) };
      default: return start satisfies never;
    }
  }

  async #begin(generating: Generating, left: AbortSignal): Promise<Branch> {
    return await Branch.start(this.#deps, generating, { kind: "start", parent: null }, left);
  }

  async #replay(id: string, requests: Requests, left: AbortSignal): Promise<{ readonly first: Branch; readonly replay: Replay }> {
    const trace = this.#trace(id);
    if (trace.status === "running") throw new InfernoError("debug_impossible", "The request is still in work: attach to it, or wait for its end.");
    if (trace.branch !== undefined) throw new InfernoError("debug_impossible", `The trace is a branch of another, whose state is gone: replay trace ${trace.branch.of} and fork it at token ${trace.branch.token}.`);
    const generating = requests.recorded(trace);
    if (generating === null) {
      throw new InfernoError("debug_impossible", "The trace does not hold its request: it was recorded without texts (`traces.text`), was too large, or is of no model that generates.", {
        hint: "Debug the request anew: POST /api/v1/debug with kind chat or completion.",
      });
    }
    const tokens: TraceTokens | null = this.#deps.traces.tokens(id, 0);
    return { first: await this.#begin(generating, left), replay: new Replay(trace, tokens?.answers[0]) };
  }

  async #attach(id: string, requests: Requests): Promise<{ readonly first: Branch; readonly onEnded: () => void }> {
    const recorder = this.#deps.traces.live(id);
    if (recorder === undefined) {
      this.#trace(id);
      throw new InfernoError("debug_impossible", "The request is not in work any more: replay its trace instead.");
    }
    const model = requests.model(recorder.model);
    const first = await Branch.attach(model, recorder, requests.recorded(recorder.toTrace()));
    // It keeps its place of the queue while it stands: others get another.
    return { first, onEnded: model.queue.lend() };
  }

  #trace(id: string): Trace {
    const trace = this.#deps.traces.get(id);
    if (trace === null) throw new InfernoError("trace_not_found", `No trace has the id "${id}".`, { param: "trace" });
    return trace;
  }

  async #watch(): Promise<void> {
    const { clock, sleep } = this.#deps;
    this.#watching = true;
    while (this.#held.size > 0) {
      await sleep(60_000);
      for (const { session, usedUs } of [...this.#held.values()]) {
        if (session.state.status === "stopped" && clock.nowUs() - usedUs > forgottenMs * 1000) await session.end();
      }
    }
    this.#watching = false;
  }
}

async function tokenOf({ model }: Branch, text: string): Promise<number> {
  const { tokens } = await model.ask("tokenize", { text, addSpecial: false, parseSpecial: true }, new AbortController().signal);
  const [only] = tokens;
  if (only !== undefined && tokens.length === 1) return only;
  throw new InfernoError("invalid_request", `text: ${JSON.stringify(text)} is ${tokens.length} tokens of this model, and one is needed. Many tokens begin with a space.`, { param: "text" });
}

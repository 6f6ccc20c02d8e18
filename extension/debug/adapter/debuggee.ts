import type { DebugAction, DebugBranch, DebugStart, DebugState, DebugToken, DebugValue } from "../../../protocol/api/debug.ts";
import type { Client } from "../../../protocol/client/index.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { TraceTokens } from "../../../protocol/trace-tokens.ts";
import type { Trace } from "../../../protocol/trace.ts";
import { BreakpointTable, type Draft, type Entry } from "./breakpoint-table.ts";
import { documentUri, folderUri } from "./token-lines.ts";

export interface Stop {
  readonly state: DebugState;
  /** The editor's breakpoints that stopped it. */
  readonly hits: readonly Entry[];
}

type Move = Exclude<DebugAction, { do: "pause" | "end" | "breakpoints" }>;

/** A debug session of the daemon, with the editor's breakpoints kept in it. */
export class Debuggee {
  readonly breakpoints = new BreakpointTable();
  readonly #client: Client;
  readonly #folder: string;
  #state: DebugState;
  #move: { paused: boolean } | null = null;
  #syncing: Promise<void> | null = null;

  private constructor(client: Client, folder: string, state: DebugState) {
    this.#client = client;
    this.#folder = folder;
    this.#state = state;
  }

  static async start(client: Client, folder: string, start: DebugStart, signal: AbortSignal): Promise<Debuggee> {
    return new Debuggee(client, folder, await client.call("debugStart", { body: start }, { signal }));
  }

  get state(): DebugState {
    return this.#state;
  }

  /** Address of the document of the branch that it stands in. */
  get uri(): string {
    return documentUri(this.#folder, this.#state, this.#state.at.trace);
  }

  /** Whether one of its branches has, or may come to have, this document. */
  owns(uri: string): boolean {
    return uri.startsWith(folderUri(this.#folder));
  }

  get isMoving(): boolean {
    return this.#move !== null;
  }

  /** The branch that it stands in. */
  get branch(): DebugBranch {
    const found = this.#state.branches.find(({ trace }) => trace === this.#state.at.trace);
    if (found === undefined) throw new InfernoError("bad_response", "The daemon names a branch that it does not list.");
    return found;
  }

  /** Resolves when it stands where the editor is to see it: not at lines of other branches' documents. */
  async move(action: Move): Promise<Stop> {
    if (this.#move !== null) throw new InfernoError("debug_busy", "The debug session is on its way to its next stop.");
    const move: { paused: boolean } = { paused: false };
    this.#move = move;
    try {
      for (;;) {
        const from = this.#state.at;
        const { state, wasLong } = await this.#reach(action);
        this.#state = state;
        const stop = { state: this.#state, hits: this.breakpoints.hits(this.#state.hits, this.uri) };
        const interrupted = wasLong || this.#syncing !== null;
        await this.#syncing;
        if (move.paused || !this.#goesOn(action, stop, interrupted, from)) return stop;
      }
    } finally {
      this.#move = null;
    }
  }

  /** Stops a move, which then resolves. */
  async pause(): Promise<void> {
    if (this.#move !== null) this.#move.paused = true;
    await this.#act({ do: "pause" });
  }

  /** Sets a group of the editor's breakpoints, also while it moves; those that cannot be read say why. */
  async setBreakpoints(group: string, drafts: readonly Draft[]): Promise<readonly Entry[]> {
    const entries = this.breakpoints.replace(group, drafts);
    const before = this.#syncing;
    const syncing = (async () => {
      await before;
      await this.#sync(entries);
    })();
    this.#syncing = syncing;
    try {
      await syncing;
    } finally {
      if (this.#syncing === syncing) this.#syncing = null;
    }
    return entries;
  }

  /** Null for a token that was chosen before it attached, of which the session knows nothing. */
  async token(index: number, trace = this.#state.at.trace): Promise<DebugToken | null> {
    try {
      return await this.#client.call("debugToken", { params: { id: this.#state.id, token: index }, query: { trace } });
    } catch (error) {
      if (InfernoError.from(error).code === "debug_impossible") return null;
      throw error;
    }
  }

  async recorded(trace: string): Promise<TraceTokens> {
    return await this.#client.call("traceTokens", { params: { id: trace }, query: { answer: 0 } });
  }

  async trace(id = this.#state.at.trace): Promise<Trace> {
    return await this.#client.call("trace", { params: { id } });
  }

  async evaluate(expression: string): Promise<DebugValue> {
    return await this.#client.call("debugEvaluate", { params: { id: this.#state.id }, body: { expression } });
  }

  /** Ends its requests; one that it was attached to goes on. */
  async end(): Promise<void> {
    await this.#act({ do: "end" });
  }

  /** Some clients wait only minutes for an answer; the daemon then makes the session stand, and it can be sent on. */
  async #reach(action: Move): Promise<{ readonly state: DebugState; readonly wasLong: boolean }> {
    try {
      return { state: await this.#act(action), wasLong: false };
    } catch (error) {
      if (InfernoError.from(error).code !== "daemon_unreachable") throw error;
      return { state: await this.#act({ do: "pause" }), wasLong: true };
    }
  }

  async #act(action: DebugAction): Promise<DebugState> {
    return await this.#client.call("debugAct", { params: { id: this.#state.id }, body: action });
  }

  #goesOn(action: Move, { state, hits }: Stop, interrupted: boolean, from: DebugState["at"]): boolean {
    if (state.reason === "breakpoint") return hits.length === 0;
    if (!interrupted || state.reason !== "pause") return false;
    // One token more than was asked for would be wrong: a step that got its token before it was interrupted is done.
    return action.do !== "step" || action.by === "turn" || (state.at.trace === from.trace && state.at.token === from.token);
  }

  /** All at once; where the daemon refuses that, the new ones one by one, to learn which it is. */
  async #sync(added: readonly Entry[]): Promise<void> {
    try {
      await this.#send();
    } catch (error) {
      if (InfernoError.from(error).code !== "invalid_request") throw error;
      for (const entry of added) await this.#check(entry);
      await this.#send();
    }
  }

  async #check(entry: Entry): Promise<void> {
    if (entry.breakpoint === null || entry.error !== null) return;
    try {
      await this.#send([{ ...entry, breakpoint: entry.breakpoint }]);
    } catch (error) {
      entry.error = InfernoError.from(error).message;
    }
  }

  async #send(entries = this.breakpoints.usable): Promise<void> {
    try {
      await this.#act({ do: "breakpoints", breakpoints: entries.map(({ breakpoint }) => breakpoint) });
      this.breakpoints.markSent(entries);
    } catch (error) {
      if (InfernoError.from(error).code !== "debug_busy") throw error;
      // It takes them standing only; `move` goes on afterwards.
      await this.#act({ do: "pause" });
      await this.#send(entries);
    }
  }
}

import type { DebugAction, DebugStart, DebugState } from "../api/debug.ts";
import type { Client } from "../client/index.ts";
import { InfernoError } from "../errors.ts";
import type { DebugWork, ForkChoice, ToTokens } from "./tokens.ts";

export interface TokensDebugHost {
  client(): Promise<Client>;
  post(message: ToTokens): void;
}

/** Between two looks at a branch that is being computed, in milliseconds. */
const pollMs = 300;

/** The debug session behind one Token panel: made when it is first needed, for one trace at a time. */
export class TokensDebug {
  readonly #host: TokensDebugHost;
  #state: DebugState | null = null;
  /** The trace that the session was begun for. */
  #of: string | null = null;
  #work: DebugWork | null = null;

  constructor(host: TokensDebugHost) {
    this.#host = host;
  }

  get attached(): boolean {
    return this.#state?.attached === true;
  }

  /** What the page needs after it was hidden. */
  async show(): Promise<void> {
    this.#post();
    const forks = this.#state?.branches.filter(({ parent }) => parent !== null) ?? [];
    for (const { trace } of forks) await this.#postBranch(trace);
  }

  async look(of: string, trace: string, token: number): Promise<void> {
    await this.#busy("look", async () => {
      const at = await this.#reach(of, trace, token);
      await this.#postToken(at.session, at.branch, token);
    });
  }

  /** A new branch, computed to its end. */
  async fork(of: string, trace: string, token: number, choice: ForkChoice): Promise<void> {
    await this.#busy("fork", async () => {
      const { branch } = await this.#reach(of, trace, token);
      await this.#select(branch);
      await this.#act({ do: "fork", token, ...choice });
      const made = this.#state?.at.trace;
      if (made !== undefined) await this.#continue(made);
    });
  }

  /** Stops the session's work at the next token; the one who asked for that work is answered. */
  async stop(): Promise<void> {
    const session = this.#state;
    if (session !== null && this.#work !== null) await (await this.#host.client()).call("debugAct", { params: { id: session.id }, body: { do: "pause" } });
  }

  async pause(of: string): Promise<void> {
    await this.#busy("pause", async () => {
      await this.end();
      await this.#begin({ kind: "attach", trace: of, breakpoints: [] }, of, this.#work);
    });
  }

  async step(count: number): Promise<void> {
    await this.#busy("step", async () => await this.#act({ do: "step", by: "token", count }));
  }

  /** Ends the session, if there is one; a request that was paused goes on. */
  async end(): Promise<void> {
    const session = this.#state;
    this.#state = null;
    this.#of = null;
    this.#post();
    if (session === null) return;
    try {
      await (await this.#host.client()).call("debugAct", { params: { id: session.id }, body: { do: "end" } }, { keepalive: true });
    } catch (error) {
      // Ended already: by its model, by an hour of silence, or with the daemon.
      if (InfernoError.from(error).code !== "debug_session_not_found") throw error;
    }
  }

  /** The session with this token computed, and the branch's name in it: that of the trace that is computed again is another. */
  async #reach(of: string, trace: string, token: number): Promise<{ readonly session: string; readonly branch: string }> {
    const state = this.#state !== null && this.#of === of ? this.#state : await this.#replay(of);
    const branch = trace === of && state.replay !== null ? state.branches[0]!.trace : trace;
    const known = state.branches.find((one) => one.trace === branch);
    if (known !== undefined && known.tokens <= token && known.over === null) {
      await this.#select(branch);
      await this.#act({ do: "goto", token });
    }
    return { session: state.id, branch };
  }

  async #replay(of: string): Promise<DebugState> {
    await this.end();
    const work = this.#work;
    this.#set(null, "replay");
    return await this.#begin({ kind: "replay", trace: of, breakpoints: [] }, of, work);
  }

  async #begin(start: DebugStart, of: string, work: DebugWork | null): Promise<DebugState> {
    const state = await (await this.#host.client()).call("debugStart", { body: start });
    this.#of = of;
    this.#set(state, work);
    return state;
  }

  async #select(trace: string): Promise<void> {
    if (this.#state !== null && this.#state.at.trace !== trace) await this.#act({ do: "select", trace });
  }

  async #act(action: DebugAction): Promise<void> {
    const session = this.#state;
    if (session === null) throw new InfernoError("debug_session_not_found", "There is no debug session.");
    this.#set(await (await this.#host.client()).call("debugAct", { params: { id: session.id }, body: action }), this.#work);
  }

  /** To the end of the branch, which is shown as it grows. */
  async #continue(branch: string): Promise<void> {
    const watch = { going: true };
    const watching = (async () => {
      while (watch.going) {
        await this.#postBranch(branch);
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    })();
    try {
      await this.#act({ do: "continue" });
    } finally {
      watch.going = false;
      await watching;
    }
    await this.#postBranch(branch);
  }

  async #postBranch(trace: string): Promise<void> {
    this.#host.post({ type: "branch", tokens: await (await this.#host.client()).call("traceTokens", { params: { id: trace } }) });
  }

  async #postToken(id: string, trace: string, token: number): Promise<void> {
    this.#host.post({ type: "closer", token: await (await this.#host.client()).call("debugToken", { params: { id, token }, query: { trace } }) });
  }

  /** One thing at a time; what cannot be done is said, and the session stays as it is. */
  async #busy(work: DebugWork, run: () => Promise<void>): Promise<void> {
    if (this.#work !== null) return;
    this.#set(this.#state, work);
    try {
      await run();
    } catch (cause) {
      const error = InfernoError.from(cause);
      if (error.code === "debug_session_not_found") this.#state = null;
      this.#host.post({ type: "refused", error: error.toBody() });
    } finally {
      this.#set(this.#state, null);
    }
  }

  #set(state: DebugState | null, work: DebugWork | null): void {
    this.#state = state;
    this.#work = work;
    this.#post();
  }

  #post(): void {
    this.#host.post({ type: "debug", state: this.#state, work: this.#work });
  }
}

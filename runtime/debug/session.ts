import { setImmediate } from "node:timers/promises";
import type { DebugAction, DebugState, DebugToken, DebugValue } from "../../protocol/api/debug.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { Branch, type BranchDeps } from "./branch.ts";
import { Breakpoints } from "./breakpoints.ts";
import { Cursor, unknownToken } from "./cursor.ts";
import { parseExpression } from "./expressions.ts";
import type { Generating } from "./generating.ts";
import type { Replay } from "./replay.ts";
import { stagesOf } from "./stages.ts";
import { describeToken, viewOf } from "./token-view.ts";

type Do<K extends DebugAction["do"]> = Extract<DebugAction, { do: K }>;

export interface SessionOptions {
  readonly id: string;
  readonly deps: BranchDeps;
  readonly first: Branch;
  readonly replay: Replay | null;
  /** What the user says after each answer. */
  readonly turns: readonly string[];
  readonly breakpoints: Breakpoints;
  /** The request of the turn after an answer. */
  readonly nextTurn: (after: Branch, says: string) => Generating;
  /** The request of a branch with other sampling. */
  readonly resample: (generating: Generating, sampling: NonNullable<Do<"fork">["sampling"]>) => Generating;
  /** A text of one token. */
  readonly tokenOf: (branch: Branch, text: string) => Promise<number>;
  readonly onEnded: () => void;
}

const mostBranches = 64;

/** A debugger's view of a few generations: a place among their tokens, which it moves back by looking and on by letting the model choose. */
export class DebugSession {
  readonly #options: SessionOptions;
  readonly #cursor: Cursor;
  #breakpoints: Breakpoints;
  #reason: DebugState["reason"] = "entry";
  #hits: readonly number[] = [];
  #move: { readonly stop: AbortController; readonly done: Promise<unknown> } | null = null;
  #ended = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#breakpoints = options.breakpoints;
    const { first, turns, nextTurn, deps } = options;
    const begin = async (after: Branch, says: string, signal: AbortSignal): Promise<Branch> => await Branch.start(deps, nextTurn(after, says), { kind: "turn", parent: { branch: after, token: after.tokens } }, signal);
    this.#cursor = new Cursor({ first, turns, begin });
  }

  get id(): string {
    return this.#options.id;
  }

  get model(): string {
    return this.#options.first.model.definition.name;
  }

  get state(): DebugState {
    const { id, first, replay } = this.#options;
    const { branch, token, branches, turnsLeft } = this.#cursor;
    return {
      id, model: this.model, status: this.#ended ? "ended" : this.#move === null ? "stopped" : "running", reason: this.#reason, hits: [...this.#hits],
      at: { trace: branch.id, token }, branches: branches.map((each) => each.describe()), breakpoints: [...this.#breakpoints.all],
      turnsLeft: turnsLeft.length, attached: first.isAttached, replay: replay?.compare(first) ?? null,
    };
  }

  /** Resolves when the session stands again; `left` makes it stand. */
  async act(action: DebugAction, left: AbortSignal): Promise<DebugState> {
    if (this.#ended) throw gone(this.id);
    if (action.do === "pause" || action.do === "end") {
      this.#move?.stop.abort();
      await this.#move?.done.catch(() => undefined);
      if (action.do === "end") await this.end();
      return this.state;
    }
    if (this.#move !== null) throw new InfernoError("debug_busy", "The debug session is on its way to its next stop.");
    await this.#moving(left, async (signal) => await this.#act(action, signal));
    return this.state;
  }

  /** To the first token, or a place before it where a breakpoint stops. */
  async enter(left: AbortSignal): Promise<DebugState> {
    await this.#moving(left, async (signal) => {
      if (this.#cursor.branch.isAttached) return this.#stand("pause");
      await this.#cursor.advance(signal);
      this.#stand("entry");
    });
    return this.state;
  }

  async token(index: number, trace: string | undefined): Promise<DebugToken> {
    const branch = trace === undefined ? this.#cursor.branch : this.#cursor.find(trace);
    const described = describeToken(branch, index);
    if (described === undefined) throw unknownToken(branch, index);
    return { ...described, ...(await stagesOf(branch, index)) };
  }

  evaluate(source: string, trace: string | undefined, token: number | undefined): DebugValue {
    const branch = trace === undefined ? this.#cursor.branch : this.#cursor.find(trace);
    const index = token ?? this.#cursor.token;
    const expression = parseExpression(source);
    const view = index === null ? undefined : viewOf(branch, index);
    if (view === undefined) throw unknownToken(branch, index ?? 0);
    return { value: expression.evaluate(view), type: expression.type };
  }

  /** Ends its requests, or lets go of that which is somebody else's. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#move?.stop.abort();
    // What it was about to begin is ended with the others.
    await this.#move?.done.catch(() => undefined);
    await Promise.all(this.#cursor.branches.map(async (branch) => await branch.end()));
    const own = this.#cursor.branches.filter(({ isAttached, over }) => !isAttached || over !== null).map(({ id }) => id);
    // A process that has ended meanwhile has nothing to forget.
    const { host } = this.#options.first.model;
    if (host.isReady) await this.#options.first.model.ask("debugForget", { requests: own }, new AbortController().signal).catch(() => undefined);
    this.#options.onEnded();
  }

  async #moving(left: AbortSignal, move: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const stop = new AbortController();
    const leave = (): void => stop.abort();
    left.addEventListener("abort", leave, { once: true });
    const done = move(stop.signal);
    this.#move = { stop, done };
    try {
      await done;
    } finally {
      this.#move = null;
      left.removeEventListener("abort", leave);
    }
  }

  async #act(action: Exclude<DebugAction, { do: "pause" | "end" }>, signal: AbortSignal): Promise<void> {
    switch (action.do) {
      case "step": return action.by === "turn" ? await this.#run(signal, "turn") : await this.#step(action.count, signal);
      case "back": return action.by === "turn" ? this.#backTurn() : this.#back(action.count);
      case "continue": return await this.#run(signal, "all");
      case "reverse": return await this.#reverse(signal);
      case "goto": return await this.#goto(action.token, signal);
      case "select": return this.#select(action.trace);
      case "fork": return await this.#fork(action, signal);
      case "breakpoints":
        this.#breakpoints = new Breakpoints(action.breakpoints);
        return;
      default: return action satisfies never;
    }
  }

  async #step(count: number, signal: AbortSignal): Promise<void> {
    for (let left = count; left > 0; left -= 1) {
      if (!(await this.#cursor.advance(signal))) {
        if (signal.aborted) break;
        if (!(await this.#cursor.turn(signal))) return this.#stand("end");
      }
      if (signal.aborted) break;
    }
    this.#stand(signal.aborted ? "pause" : "step");
  }

  /** On to a breakpoint, or to the end of the answer or of the last turn. */
  async #run(signal: AbortSignal, to: "turn" | "all"): Promise<void> {
    // At its end, the turn to go through is the next one.
    if (to === "turn" && this.#cursor.atEnd && !(await this.#cursor.turn(signal))) return this.#stand("end");
    for (;;) {
      const free = this.#breakpoints.all.length === 0;
      const moved = free ? await this.#cursor.rush(signal) : await this.#cursor.advance(signal);
      if (moved && this.#stopsHere()) return;
      if (signal.aborted) return this.#stand("pause");
      if (moved && !free) continue;
      if (!this.#cursor.atEnd) continue;
      if (to === "turn" || !(await this.#cursor.turn(signal))) return this.#stand("end");
      if (this.#stopsHere()) return;
    }
  }

  #stopsHere(): boolean {
    const { branch, token } = this.#cursor;
    const hits = token === null ? [] : this.#breakpoints.hits(branch, token);
    if (hits.length > 0) this.#stand("breakpoint", hits);
    return hits.length > 0;
  }

  #back(count: number): void {
    for (let left = count; left > 0; left -= 1) if (!this.#cursor.back()) break;
    this.#stand("step");
  }

  /** To the first token of this turn, or from there of the one before. */
  #backTurn(): void {
    if (this.#cursor.back()) this.#cursor.toFirst();
    this.#stand("step");
  }

  async #reverse(signal: AbortSignal): Promise<void> {
    while (this.#cursor.back()) {
      if (this.#stopsHere()) return;
      if (signal.aborted) return this.#stand("pause");
      // Conditions take their time: others are served in between.
      await setImmediate();
    }
    this.#stand("entry");
  }

  async #goto(token: number, signal: AbortSignal): Promise<void> {
    await this.#cursor.goto(token, signal);
    this.#stand(signal.aborted ? "pause" : token < this.#cursor.branch.tokens ? "goto" : "end");
  }

  #select(trace: string): void {
    this.#cursor.enter(this.#cursor.find(trace));
    this.#stand("select");
  }

  async #fork({ token, choose, text, sampling }: Do<"fork">, signal: AbortSignal): Promise<void> {
    const { branch } = this.#cursor;
    const { generating } = branch;
    if (branch.row(token) === undefined) throw unknownToken(branch, token);
    if (generating === null) throw new InfernoError("debug_impossible", "What the request asked for was not recorded (`traces.text` is off), so nothing can be changed in it.");
    if (this.#cursor.branches.length >= mostBranches) throw new InfernoError("debug_impossible", `A debug session has at most ${mostBranches} branches: each holds state. End it and begin another.`);
    if (choose !== undefined && text !== undefined) throw new InfernoError("invalid_request", "text: give `choose` or `text`, not both.", { param: "text" });
    const id = text === undefined ? (choose ?? null) : await this.#options.tokenOf(branch, text);
    if (id === null && sampling === undefined) throw new InfernoError("invalid_request", "choose: without `sampling` the same token would be drawn again; say which to take.", { param: "choose" });
    const { deps, resample } = this.#options;
    const forked = sampling === undefined ? generating : resample(generating, sampling);
    const fork = { of: branch.id, token, choose: id, changed: sampling !== undefined };
    const next = await Branch.start(deps, forked, { kind: "fork", parent: { branch, token } }, signal, fork);
    await next.grant(1, signal);
    const { error } = next.describe();
    if (error !== null) throw InfernoError.fromBody(error);
    this.#cursor.enter(next);
    this.#stand("fork");
  }

  #stand(reason: DebugState["reason"], hits: readonly number[] = []): void {
    this.#reason = reason;
    this.#hits = hits;
  }
}

export const gone = (id: string): InfernoError => new InfernoError("debug_session_not_found", `No debug session has the id "${id}".`, { param: "id" });

import { randomBytes } from "node:crypto";
import type { DebugBranch } from "../../protocol/api/debug.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { encodeTokens } from "../../protocol/trace-recording.ts";
import type { Clock } from "../../base/clock.ts";
import type { DebugProgress, DebugRow, Fork, GenerationEvent } from "../host/messages.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";
import type { TraceLog } from "../trace/log.ts";
import type { TraceRecorder } from "../trace/recorder.ts";
import type { Generating } from "./generating.ts";

export interface BranchDeps {
  readonly clock: Clock;
  readonly traces: TraceLog;
  /** What traces record. */
  readonly records: () => { readonly text: boolean; readonly tokens: boolean };
}

interface Origin {
  readonly kind: DebugBranch["kind"];
  readonly parent: { readonly branch: Branch; readonly token: number } | null;
}

/** One request of a session: its tokens as far as they are known, and what lets it go on. */
export class Branch {
  readonly trace: TraceRecorder;
  readonly model: ModelRuntime;
  /** What it asked for; null when that is not known: then nothing can be changed in it. */
  readonly generating: Generating | null;
  readonly kind: DebugBranch["kind"];
  readonly parent: Origin["parent"];
  /** It belongs to somebody else's request. */
  readonly isAttached: boolean;
  readonly #rows: DebugRow[] = [];
  /** Number of the first token that is known. */
  readonly first: number;
  /** After each known token, the length of the text so far. */
  readonly #ends: number[] = [];
  readonly #decoder = new TextDecoder();
  readonly #gone = new AbortController();
  #text = "";
  #over: DebugBranch["over"] = null;
  #error: InfernoError | null = null;
  #done: Promise<void> = Promise.resolve();

  private constructor(trace: TraceRecorder, model: ModelRuntime, generating: Generating | null, { kind, parent }: Origin, attachedAt?: number) {
    this.trace = trace;
    this.model = model;
    this.generating = generating;
    this.kind = kind;
    this.parent = parent;
    this.isAttached = attachedAt !== undefined;
    // What a fork does not know of its parent, it does not know of itself.
    this.first = attachedAt ?? (kind === "fork" ? (parent?.branch.first ?? 0) : 0);
  }

  /** Sends the request, which stands before its first token. */
  static async start({ clock, traces, records }: BranchDeps, generating: Generating, origin: Origin, signal: AbortSignal, fork?: Fork): Promise<Branch> {
    const { model, route, parameters, body } = generating;
    const { choices } = generating.request;
    if (choices > 1) throw new InfernoError("invalid_request", "n: a debug session has one answer a request.", { param: "n" });
    const now = Date.now();
    const trace = traces.begin({ id: randomBytes(12).toString("hex"), model: model.definition.name, route, startedAt: new Date(now).toISOString(), startUs: clock.nowUs(), clock, ...records() });
    trace.parameters = { ...parameters };
    trace.body = body ?? null;
    if (origin.kind === "fork" && origin.parent !== null) trace.branch = { of: origin.parent.branch.trace.id, token: origin.parent.token };
    const branch = new Branch(trace, model, generating, origin);
    trace.mark("receive");
    if (fork !== undefined && origin.parent !== null) branch.#takeOver(origin.parent.branch, fork.token);
    const leave = (): void => branch.#gone.abort(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    try {
      const prompt = generating.prompt === undefined ? {} : { prompt: await generating.prompt(trace, branch.#gone.signal, () => null) };
      const request = { ...generating.request, ...prompt, id: trace.id, record: trace.records, timeoutMs: null, debug: { tokens: 0 }, ...(fork && { fork }) };
      const { events } = await model.run(request, trace, branch.#gone.signal);
      branch.#done = branch.#read(events, traces);
      return branch;
    } catch (thrown) {
      branch.#close(traces, InfernoError.from(thrown));
      throw thrown;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** Takes a request in work under the debugger: it stands where it is. */
  static async attach(model: ModelRuntime, trace: TraceRecorder, generating: Generating | null): Promise<Branch> {
    return new Branch(trace, model, generating, { kind: "start", parent: null }, await model.attach(trace.id));
  }

  get id(): string {
    return this.trace.id;
  }

  /** Tokens chosen so far. */
  get tokens(): number {
    return this.first + this.#rows.length;
  }

  get over(): DebugBranch["over"] {
    return this.#over;
  }

  get text(): string {
    return this.#text;
  }

  /** Undefined for one that is not known. */
  row(token: number): DebugRow | undefined {
    return this.#rows[token - this.first];
  }

  /** The answer's text up to and with this token. */
  textTo(token: number): string {
    return token < this.first ? "" : this.#text.slice(0, this.#ends[token - this.first] ?? this.#text.length);
  }

  /** Lets it choose so many tokens more, or any number, and resolves when it stands. The signal makes it stand. */
  async grant(tokens: number | null, signal: AbortSignal): Promise<void> {
    if (this.#over !== null) return;
    const progress = await this.#step(tokens, signal);
    if (progress === null) return;
    const { rows, over } = progress;
    this.#add(rows);
    this.#over = over;
    if (over === null) return;
    // Its trace, and why it failed if it did, are complete.
    await this.#done;
  }

  describe(): DebugBranch {
    const { id: trace, kind, parent, tokens, over } = this;
    return { trace, kind, parent: parent && { trace: parent.branch.id, token: parent.token }, tokens, over, error: this.#error?.toBody() ?? null, text: this.#text };
  }

  /** Ends its request, or lets it go on where it is somebody else's. */
  async end(): Promise<void> {
    if (this.isAttached) {
      if (this.#over === null) await this.model.ask("debugRelease", { request: this.id }, never()).catch(() => undefined);
      return;
    }
    this.#gone.abort(new InfernoError("request_cancelled", "The debug session was ended."));
    await this.#done;
  }

  /** Null when the request has failed: it was refused, or lost with its process. */
  async #step(tokens: number | null, signal: AbortSignal): Promise<DebugProgress | null> {
    try {
      return await this.model.ask("debugStep", { request: this.id, tokens }, signal);
    } catch (thrown) {
      const error = InfernoError.from(thrown);
      if (error.code === "debug_busy") throw error;
      if (this.isAttached) this.#fail(error);
      // Why it failed has been said in its events, and better than here.
      await this.#done;
      if (this.#over === null) throw error;
      return null;
    }
  }

  #add(rows: readonly DebugRow[]): void {
    for (const row of rows) {
      this.#rows.push(row);
      if (!row.isEnd) this.#text += this.#decoder.decode(row.bytes, { stream: true });
      this.#ends.push(this.#text.length);
    }
  }

  /** The parent's tokens are this one's too, in its trace as well. */
  #takeOver(parent: Branch, token: number): void {
    const rows = parent.#rows.slice(0, token - parent.first);
    this.#add(rows);
    const { records } = this.trace;
    if (records === "off") return;
    const pieces = new Map(rows.flatMap(({ row, bytes, pieces: tops }) => [[row.id, bytes] as const, ...row.top.map(({ id }, index) => [id, tops[index] ?? bytes] as const)]));
    const pieceOf = (id: number): Uint8Array => pieces.get(id) ?? new Uint8Array();
    if (rows.length > 0) this.trace.record("tokens", encodeTokens(0, rows.map(({ row }) => row), records === "full" ? pieceOf : null));
  }

  async #read(events: AsyncIterable<GenerationEvent>, traces: TraceLog): Promise<void> {
    try {
      for await (const event of events) {
        if (event.type === "text" && event.text !== "") this.trace.firstText();
        if (event.type === "failed") throw InfernoError.fromBody(event.error);
      }
      this.#close(traces, null);
    } catch (thrown) {
      this.#close(traces, InfernoError.from(thrown));
    }
  }

  #fail(error: InfernoError): void {
    const cancelled = error.code === "request_cancelled";
    this.#over ??= cancelled ? "cancelled" : "failed";
    this.#error = cancelled ? null : error;
  }

  #close(traces: TraceLog, error: InfernoError | null): void {
    const cancelled = error?.code === "request_cancelled";
    if (error !== null) this.#fail(error);
    this.trace.outcome(error === null ? "ok" : cancelled ? "cancelled" : "error", error?.code ?? null);
    traces.end(this.trace);
  }
}

const never = (): AbortSignal => new AbortController().signal;

import { unreachable } from "../../base/assert.ts";
import type { Client } from "../client/index.ts";
import { InfernoError } from "../errors.ts";
import type { Trace, TraceSummary } from "../trace.ts";
import type { TraceTokens } from "../trace-tokens.ts";
import { earlierPrompt } from "./earlier-prompt.ts";
import { TokensDebug } from "./tokens-debug.ts";
import type { FromTokens, ToTokens } from "./tokens.ts";

export interface TokensHost {
  client(): Promise<Client>;
  post(message: ToTokens): void;
  openFlame(traceId: string, atUs: number | null): void;
  /** The trace to show first; null shows the latest. */
  readonly traceId: string | null;
}

/** Between two looks at a request in work, in milliseconds, and how much longer for each of its tokens, which all come again. */
const pollMs = 400;
const pollMsPerToken = 0.1;

/** Answers one Token panel's messages with the daemon's traces and a debug session. */
export class TokensSession {
  readonly #host: TokensHost;
  readonly #debug: TokensDebug;
  #shown: string | null = null;
  #traces: readonly TraceSummary[] = [];
  #closed = false;

  constructor(host: TokensHost) {
    this.#host = host;
    this.#debug = new TokensDebug(host);
  }

  async receive(message: FromTokens): Promise<void> {
    try {
      await this.#handle(message);
    } catch (error) {
      this.#host.post({ type: "failed", error: InfernoError.from(error).toBody() });
    }
  }

  /** A closed panel must not keep a model's memory, nor somebody's request paused. */
  async dispose(): Promise<void> {
    this.#closed = true;
    this.#shown = null;
    await this.#debug.end();
  }

  async open(traceId: string): Promise<void> {
    const again = this.#shown === traceId;
    this.#shown = traceId;
    if (!again) await this.#debug.end();
    const { trace, tokens } = await this.#post(traceId);
    if (tokens.live) void this.#follow(traceId, tokens);
    else await this.#postEarlier(trace);
    await this.#debug.show();
  }

  async #handle(message: FromTokens): Promise<void> {
    switch (message.type) {
      case "ready":
        return await this.#start();
      case "list":
        return void (await this.#list());
      case "open":
        return await this.open(message.traceId);
      case "look":
        return this.#shown === null ? undefined : await this.#debug.look(this.#shown, message.trace, message.token);
      case "fork":
        return this.#shown === null ? undefined : await this.#debug.fork(this.#shown, message.trace, message.token, message.choice);
      case "stop":
        return await this.#debug.stop();
      case "pause":
        return this.#shown === null ? undefined : await this.#debug.pause(this.#shown);
      case "step":
        await this.#debug.step(message.count);
        return void (await this.#postGrowth());
      case "end":
        return await this.#debug.end();
      case "flame":
        return this.#host.openFlame(message.traceId, message.atUs);
      default:
        return unreachable(message);
    }
  }

  async #start(): Promise<void> {
    const latest = await this.#list();
    const traceId = this.#shown ?? this.#host.traceId ?? latest;
    if (traceId !== undefined) await this.open(traceId);
  }

  /** Sends the list and returns the latest trace's id. */
  async #list(): Promise<string | undefined> {
    ({ traces: this.#traces } = await (await this.#host.client()).call("traces", {}));
    this.#host.post({ type: "traces", traces: [...this.#traces] });
    return this.#traces[0]?.id;
  }

  async #post(traceId: string): Promise<{ readonly trace: Trace; readonly tokens: TraceTokens }> {
    const client = await this.#host.client();
    const params = { id: traceId };
    // The tokens first: a request that ends in between is then whole in its trace, and looked at once more.
    const tokens = await client.call("traceTokens", { params });
    const trace = await client.call("trace", { params });
    if (this.#shown === traceId) this.#host.post({ type: "trace", trace, tokens });
    return { trace, tokens };
  }

  async #postEarlier(trace: Trace): Promise<void> {
    const earlier = await earlierPrompt(await this.#host.client(), trace, this.#traces);
    if (this.#shown === trace.id) this.#host.post({ type: "earlier", traceId: trace.id, earlier });
  }

  async #postGrowth(): Promise<TraceTokens | null> {
    const id = this.#shown;
    if (id === null) return null;
    const tokens = await (await this.#host.client()).call("traceTokens", { params: { id } });
    if (this.#shown === id) this.#host.post({ type: "growth", tokens });
    return tokens;
  }

  /** Until the request is over or something else is shown. */
  async #follow(traceId: string, from: TraceTokens): Promise<void> {
    try {
      for (let tokens: TraceTokens | null = from; tokens !== null && tokens.live;) {
        const count = tokens.answers.reduce((sum, { logprobs }) => sum + logprobs.length, 0);
        await new Promise((resolve) => setTimeout(resolve, pollMs + pollMsPerToken * count));
        if (this.#shown !== traceId || this.#closed) return;
        // While it stands nothing grows but by a step, which is then asked for.
        if (!this.#debug.attached) tokens = await this.#postGrowth();
      }
      const { trace } = await this.#post(traceId);
      await this.#postEarlier(trace);
    } catch (error) {
      this.#host.post({ type: "failed", error: InfernoError.from(error).toBody() });
    }
  }
}

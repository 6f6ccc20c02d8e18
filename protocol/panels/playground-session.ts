import { unreachable } from "../../base/assert.ts";
import type { Client } from "../client/index.ts";
import { InfernoError } from "../errors.ts";
import type { FinishReason, Timings, Usage } from "../api/openai.ts";
import type { FromPlayground, ToPlayground } from "./playground.ts";

export interface PlaygroundHost {
  /** The daemon's client; may start the daemon. */
  client(): Promise<Client>;
  post(message: ToPlayground): void;
  openTrace(traceId: string): void;
  openTokens(traceId: string): void;
}

type Send = Extract<FromPlayground, { type: "send" }>;

/** Answers one Playground panel's messages with the daemon's answers. Runs in the extension host, or in the page itself in a plain browser. */
export class PlaygroundSession {
  readonly #host: PlaygroundHost;
  readonly #running = new Map<number, AbortController>();

  constructor(host: PlaygroundHost) {
    this.#host = host;
  }

  async receive(message: FromPlayground): Promise<void> {
    switch (message.type) {
      case "ready":
      case "refresh":
        return await this.#sendModels();
      case "send":
        return await this.#generate(message);
      case "stop":
        return this.#running.get(message.id)?.abort();
      case "openTrace":
        return this.#host.openTrace(message.traceId);
      case "openTokens":
        return this.#host.openTokens(message.traceId);
      default:
        return unreachable(message);
    }
  }

  /** Ends what is running: a closed panel must not keep a model busy. */
  dispose(): void {
    for (const abort of this.#running.values()) abort.abort();
    this.#running.clear();
  }

  async #sendModels(): Promise<void> {
    try {
      const { models } = await (await this.#host.client()).call("models");
      this.#host.post({ type: "models", models });
    } catch (error) {
      this.#host.post({ type: "offline", error: InfernoError.from(error).toBody() });
    }
  }

  async #generate({ id, model, turns, sampling }: Send): Promise<void> {
    const abort = new AbortController();
    this.#running.set(id, abort);
    let reason: FinishReason = "stop";
    let usage: Usage | undefined;
    let timings: Timings | undefined;
    try {
      const client = await this.#host.client();
      const body = { model, messages: turns, ...sampling, stream: true, stream_options: { include_usage: true } };
      for await (const chunk of client.stream("chatCompletions", { body }, { signal: abort.signal })) {
        const choice = chunk.choices[0];
        if (choice?.delta.content !== undefined && choice.delta.content !== "") this.#host.post({ type: "text", id, text: choice.delta.content });
        reason = choice?.finish_reason ?? reason;
        usage = chunk.usage ?? usage;
        timings = chunk.timings ?? timings;
      }
      if (usage === undefined || timings === undefined) throw new InfernoError("bad_response", "The stream ended without usage and timings.");
      this.#host.post({ type: "finished", id, reason, usage, timings });
    } catch (error) {
      this.#host.post({ type: "failed", id, error: InfernoError.from(error).toBody() });
    } finally {
      this.#running.delete(id);
      await this.#sendModels();
    }
  }
}

import { unreachable } from "../../base/assert.ts";
import type { Client } from "../client/index.ts";
import { InfernoError } from "../errors.ts";
import type { FromFlame, ToFlame } from "./flame.ts";

export interface FlameHost {
  client(): Promise<Client>;
  post(message: ToFlame): void;
  copy(text: string): PromiseLike<void>;
  openTokens(traceId: string): void;
  /** The trace to show first; null shows the latest. */
  readonly traceId: string | null;
  /** The moment of it to look at first. */
  readonly atUs: number | null;
}

/** Answers one Flame panel's messages with the daemon's traces. */
export class FlameSession {
  readonly #host: FlameHost;

  constructor(host: FlameHost) {
    this.#host = host;
  }

  async receive(message: FromFlame): Promise<void> {
    try {
      switch (message.type) {
        case "ready":
          return await this.#start();
        case "list":
          return void (await this.#list());
        case "open":
          return await this.open(message.traceId, message.compare);
        case "window":
          // Traces of the daemon's come whole.
          return;
        case "tokens":
          return this.#host.openTokens(message.traceId);
        case "copy":
          return await this.#host.copy(message.text);
        default:
          return unreachable(message);
      }
    } catch (error) {
      this.#host.post({ type: "failed", error: InfernoError.from(error).toBody() });
    }
  }

  async open(traceId: string, compare = false, atUs: number | null = null): Promise<void> {
    const client = await this.#host.client();
    this.#host.post({ type: "trace", trace: await client.call("trace", { params: { id: traceId } }), compare, atUs });
  }

  async #start(): Promise<void> {
    const latest = await this.#list();
    const traceId = this.#host.traceId ?? latest;
    if (traceId !== undefined) await this.open(traceId, false, this.#host.atUs);
  }

  /** Sends the list and returns the latest trace's id. */
  async #list(): Promise<string | undefined> {
    const { traces } = await (await this.#host.client()).call("traces", {});
    this.#host.post({ type: "traces", traces });
    return traces[0]?.id;
  }
}

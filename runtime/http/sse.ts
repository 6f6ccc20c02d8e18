import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

export interface SseOptions {
  /** Silence after which a comment is sent, so that a waiting client can tell a loading model from a dead daemon. */
  readonly heartbeatMs: number;
  /** A client that takes no byte for this long is disconnected: it holds a place of the model. */
  readonly stallMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * One answer as server-sent events. Nothing is sent before the first event or heartbeat, so that until then
 * an error can still be an ordinary HTTP error.
 */
export class SseWriter {
  readonly #reply: FastifyReply;
  readonly #raw: ServerResponse;
  readonly #options: SseOptions;
  readonly #timer: NodeJS.Timeout;
  #started = false;
  #full = false;

  constructor(reply: FastifyReply, options: SseOptions) {
    this.#reply = reply;
    this.#raw = reply.raw;
    this.#options = options;
    this.#timer = setInterval(() => {
      if (!this.#full) this.#write(": still here\n\n");
    }, options.heartbeatMs);
  }

  get started(): boolean {
    return this.#started;
  }

  /** Sends one event. False when the client does not keep up: the caller then waits for `drained`. */
  send(data: unknown): boolean {
    this.#timer.refresh();
    return this.#write(`data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
  }

  /** Resolves when there is room again, or when nobody listens any more. */
  drained(): Promise<void> {
    const raw = this.#raw;
    if (!this.#full || raw.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const stalled = setTimeout(() => raw.destroy(), this.#options.stallMs);
      const done = () => {
        clearTimeout(stalled);
        raw.off("drain", done).off("close", done);
        this.#full = false;
        resolve();
      };
      raw.on("drain", done).on("close", done);
    });
  }

  /** Ends the answer, or only the heartbeats when nothing was sent. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#started) this.#raw.end();
  }

  #write(text: string): boolean {
    if (this.#raw.destroyed) return true;
    if (!this.#started) this.#start();
    const room = this.#raw.write(text);
    if (!room) this.#full = true;
    return room;
  }

  #start(): void {
    this.#started = true;
    this.#reply.hijack();
    // A connection that breaks between two writes is seen through "close"; without a listener it would end the daemon.
    this.#raw.on("error", () => {});
    this.#raw.writeHead(200, {
      ...this.#options.headers,
      "content-type": "text/event-stream; charset=utf-8",
      // No proxy may hold tokens back or keep them.
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
    // A token must not wait for the next one to fill a packet.
    this.#raw.socket?.setNoDelay(true);
  }
}

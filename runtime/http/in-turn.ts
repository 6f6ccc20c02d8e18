import type { WebSocket } from "@fastify/websocket";
import { InfernoError } from "../../protocol/errors.ts";

interface Amount {
  readonly messages: number;
  readonly bytes: number;
}

export interface InTurnOptions {
  /** So much waits at most before the connection is read no further: the client's next messages then wait on its own side. */
  readonly pauseAt: Amount;
  /** More than this is refused. One read of the network brings many small messages at once, so that some come after the pause. */
  readonly most: Amount;
  /** Answers one message; the next one waits until it is done. */
  readonly answer: (message: Buffer) => Promise<void>;
  /** Of the first error, after which nothing is answered any more. */
  readonly fail: (error: InfernoError) => void;
}

type Messages = Pick<WebSocket, "on" | "once" | "pause" | "resume">;

/** A connection's binary messages, one after the other, of which few are in memory at a time. Text messages are not looked at. */
export class InTurn {
  readonly #socket: Messages;
  readonly #options: InTurnOptions;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #working = false;
  #over = false;

  constructor(socket: Messages, options: InTurnOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("message", (message: Buffer, isBinary) => {
      if (isBinary && !this.#over) this.#add(message);
    });
    socket.once("close", () => this.#end());
  }

  #add(message: Buffer): void {
    const { pauseAt, most } = this.#options;
    this.#waiting.push(message);
    this.#bytes += message.length;
    if (this.#exceeds(most)) return this.#fail(tooMuch({ messages: this.#waiting.length, bytes: this.#bytes }, most));
    if (this.#exceeds(pauseAt)) this.#socket.pause();
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let message = this.#next(); message !== undefined; message = this.#next()) await this.#options.answer(message);
    } catch (error) {
      if (!this.#over) this.#fail(InfernoError.from(error));
    }
    this.#working = false;
  }

  #next(): Buffer | undefined {
    const message = this.#waiting.shift();
    this.#bytes -= message?.length ?? 0;
    if (!this.#exceeds(this.#options.pauseAt)) this.#socket.resume();
    return message;
  }

  #exceeds({ messages, bytes }: Amount): boolean {
    return this.#waiting.length > messages || this.#bytes > bytes;
  }

  #fail(error: InfernoError): void {
    this.#end();
    this.#options.fail(error);
  }

  #end(): void {
    this.#over = true;
    this.#waiting = [];
    this.#bytes = 0;
    // The other side's goodbye is to be read.
    this.#socket.resume();
  }
}

const tooMuch = (waiting: Amount, most: Amount): InfernoError =>
  new InfernoError("queue_full", `Messages wait to be answered: ${waiting.messages} with ${waiting.bytes} bytes; ${most.messages} with ${most.bytes} bytes may.`, { hint: "Wait for the answers to some of the messages before the next ones are sent." });

import { unreachable } from "../../base/assert.ts";
import { InfernoError } from "../errors.ts";
import type { Trace } from "../trace.ts";
import type { FilePart } from "./flame-file.ts";
import type { SpanColumns } from "./flame-columns.ts";
import type { FromFlame, ToFlame } from "./flame.ts";

/** What part of a file's time is looked at. */
export interface FileWindow {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A trace file that was opened: it is read as far as it is shown. */
export interface OpenFile {
  readonly trace: Omit<Trace, "spans">;
  /** Null asks for the whole, as far as there is room for it. */
  read(window: FileWindow | null): Promise<{ readonly columns: SpanColumns; readonly file: FilePart }>;
  close(): Promise<void>;
}

export interface FlameFileHost {
  open(): Promise<OpenFile>;
  post(message: ToFlame): void;
  copy(text: string): PromiseLike<void>;
}

/** Answers one Flame panel's messages with a file instead of the daemon. */
export class FlameFileSession {
  readonly #host: FlameFileHost;
  #file: Promise<OpenFile> | null = null;
  /** The latest window that was asked for; those before it need no answer any more. */
  #asked = 0;

  constructor(host: FlameFileHost) {
    this.#host = host;
  }

  async receive(message: FromFlame): Promise<void> {
    try {
      switch (message.type) {
        case "ready":
        case "list":
          // Again is anew: the file may have grown.
          await this.#close();
          return await this.#show(null);
        case "window":
          return await this.#show(message);
        case "open":
        case "tokens":
          throw new InfernoError("trace_not_found", "This panel shows a file; traces of the daemon are in the panel that Inferno: Open Trace opens.");
        case "copy":
          return await this.#host.copy(message.text);
        default:
          return unreachable(message);
      }
    } catch (error) {
      this.#host.post({ type: "failed", error: InfernoError.from(error).toBody() });
    }
  }

  async dispose(): Promise<void> {
    this.#asked++;
    await this.#close();
  }

  async #show(window: FileWindow | null): Promise<void> {
    const asked = ++this.#asked;
    const opened = await (this.#file ??= this.#host.open());
    if (asked !== this.#asked) return;
    const { columns, file } = await opened.read(window);
    if (asked === this.#asked) this.#host.post({ type: "file", trace: opened.trace, columns, file });
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    // One that could not be opened has nothing to close; whoever opened it was told.
    await file?.then((opened) => opened.close(), () => undefined);
  }
}

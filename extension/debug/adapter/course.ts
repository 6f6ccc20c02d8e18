import { InitializedEvent, OutputEvent, StoppedEvent, TerminatedEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Client } from "../../../protocol/client/index.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Translate } from "../../translate.ts";
import type { Entry } from "./breakpoint-table.ts";
import { Debuggee, type Stop } from "./debuggee.ts";
import { Nodes } from "./nodes.ts";
import { PlaceView } from "./place-view.ts";
import type { Beginning } from "./start.ts";
import { replayText, stopText, type StopText } from "./stop-text.ts";
import { TokenLines } from "./token-lines.ts";

export interface AdapterOptions {
  readonly client: () => Promise<Client>;
  /** Name of the folder of its token documents, which no other session uses at the same time. */
  readonly folder: string;
  /** Shows a token document's text; resolves when the editor has it, or does not show the document at all. */
  readonly showDocument: (uri: string, text: string) => Promise<void>;
  readonly t: Translate;
}

export type Move = Parameters<Debuggee["move"]>[0];

/** What is known once the daemon's session stands. */
interface Running {
  readonly debuggee: Debuggee;
  readonly place: PlaceView;
  readonly lines: TokenLines;
}

/** An answer has one thread: it is made one token after the other. */
export const threadId = 1;
/** Behind these errors there is no session any more. */
const fatal: readonly string[] = ["debug_session_not_found", "daemon_unreachable", "model_crashed"];

/** The course of a session from its beginning to its end, and the events that tell the editor of it. */
export class Course {
  /** The rows that the editor may ask for until it goes on. */
  readonly nodes = new Nodes();
  readonly #options: AdapterOptions;
  readonly #send: (event: DebugProtocol.Event) => void;
  readonly #starting = new AbortController();
  #running: Running | null = null;
  #stopOnEntry = true;
  #last: StopText | null = null;
  #replaySaid = false;
  #over = false;

  constructor(options: AdapterOptions, send: (event: DebugProtocol.Event) => void) {
    this.#options = options;
    this.#send = send;
  }

  get #t(): Translate {
    return this.#options.t;
  }

  /** Throws before the session has begun. */
  get running(): Running {
    if (this.#running === null) throw new InfernoError("debug_session_not_found", this.#t("The debug session has not begun."));
    return this.#running;
  }

  /** Throws while it is on its way. */
  get standing(): Running {
    const { running } = this;
    if (running.debuggee.isMoving) throw new InfernoError("debug_busy", this.#t("The debug session is on its way to its next stop."));
    return running;
  }

  /** Its name for the editor's list. */
  get name(): string {
    return this.#running?.debuggee.state.model ?? "Inferno";
  }

  /** The exception that it stands at. */
  get exception(): string | null {
    return this.#last?.text ?? null;
  }

  async start({ start, stopOnEntry }: Beginning): Promise<void> {
    this.#stopOnEntry = stopOnEntry;
    const debuggee = await Debuggee.start(await this.#options.client(), this.#options.folder, start, this.#starting.signal);
    this.#running = { debuggee, place: new PlaceView(debuggee, this.#t), lines: new TokenLines(debuggee) };
    for (const reason of debuggee.state.replay?.reasons ?? []) this.#print(this.#t("This replay may differ from what was recorded: {0}", reason));
    // From now on the editor sends its breakpoints, which the daemon checks.
    this.#send(new InitializedEvent());
  }

  /** The editor's breakpoints are set. */
  async enter(): Promise<void> {
    const { debuggee } = this.running;
    if (this.#stopOnEntry) return await this.#stand({ state: debuggee.state, hits: [] });
    // The first token is there already, and breakpoints count where one arrives: it is arrived at from the second.
    if (debuggee.breakpoints.usable.length > 0 && !debuggee.state.attached) {
      await debuggee.move({ do: "step", by: "token", count: 1 });
      const first = await debuggee.move({ do: "reverse" });
      if (first.hits.length > 0) return await this.#stand(first);
    }
    await this.move({ do: "continue" });
  }

  async move(action: Move): Promise<void> {
    await this.#stand(await this.running.debuggee.move(action));
  }

  /** Ends its requests, or lets go of the one that it was attached to. */
  async end(): Promise<void> {
    this.#starting.abort();
    if (this.#over || this.#running === null) return;
    this.#over = true;
    // One that is gone already needs no end.
    await this.#running.debuggee.end().catch((error: unknown) => {
      if (!fatal.includes(InfernoError.from(error).code)) throw error;
    });
  }

  /** What followed an answer to the editor has failed. */
  failed(error: InfernoError): void {
    if (this.#over) return;
    this.#print(`${error.message} ${error.hint}`, "stderr");
    if (fatal.includes(error.code)) {
      this.#over = true;
      this.terminated();
    } else if (this.#running?.debuggee.isMoving !== true) this.stopped({ reason: "pause", description: error.message });
  }

  /** Tells the editor that it stands, and why. */
  stopped(why: StopText, hits: readonly Entry[] = []): void {
    this.nodes.clear();
    this.#last = why;
    const event: DebugProtocol.StoppedEvent = new StoppedEvent(why.reason, threadId, why.text);
    event.body = { ...event.body, description: why.description, allThreadsStopped: true, hitBreakpointIds: hits.map(({ id }) => id) };
    this.#send(event);
  }

  async #stand(stop: Stop): Promise<void> {
    if (this.#over) return;
    const { debuggee, lines, place } = this.running;
    place.moved();
    const { state, branch } = debuggee;
    // Before the editor looks for the line.
    await this.#options.showDocument(debuggee.uri, await lines.text(branch));
    const { replay } = state;
    if (replay !== null && !this.#replaySaid && (replay.firstDifference !== null || (branch.over !== null && branch.kind === "start"))) {
      this.#replaySaid = true;
      this.#print(replayText(replay, this.#t));
    }
    this.stopped(stopText(stop, this.#t), stop.hits);
  }

  terminated(): void {
    this.#send(new TerminatedEvent());
  }

  /** A line of the debug console. */
  #print(text: string, category: "console" | "stderr" = "console"): void {
    this.#send(new OutputEvent(`${text}\n`, category));
  }
}

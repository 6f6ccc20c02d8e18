import type { ToolCallDelta } from "../host/messages.ts";
import type { OutputParser, OutputPiece } from "../output/output-parser.ts";
import type { ToolSyntax } from "../template/tool-syntax.ts";
import { JsonExtent } from "./json-extent.ts";
import { matchLiteral, type Match } from "./literal-match.ts";

export interface ToolCallParserOptions {
  readonly syntax: ToolSyntax;
  /** The functions that may be called; another name makes the text content. */
  readonly names: readonly string[];
  readonly newId: () => string;
}

/**
 * Finds calls in the text as it comes. Held back is only what may begin a call, its arguments stream as they are written. What it says depends
 * on the text alone and not on how the text was split; what turns out to be no call is content, so nothing is lost.
 */
export class ToolCallParser implements OutputParser {
  readonly #options: ToolCallParserOptions;
  /** Text that is not decided yet. */
  #held = "";
  #state: "content" | "arguments" | "after" = "content";
  #extent = new JsonExtent();
  #calls = 0;
  /** Nothing but white space has come so far, or since the last call. */
  #blank = true;
  #text = "";
  #deltas: ToolCallDelta[] = [];

  constructor(options: ToolCallParserOptions) {
    this.#options = options;
  }

  get called(): boolean {
    return this.#calls > 0;
  }

  get inCall(): boolean {
    return this.#state === "arguments";
  }

  push(text: string): OutputPiece {
    this.#held += text;
    this.#run(false);
    return this.#take();
  }

  finish(): OutputPiece {
    this.#run(true);
    return this.#take();
  }

  #take(): OutputPiece {
    const piece = { text: this.#text, calls: this.#deltas };
    this.#text = "";
    this.#deltas = [];
    return piece;
  }

  #run(over: boolean): void {
    while (this.#step(over));
  }

  /** False when more text is needed. */
  #step(over: boolean): boolean {
    switch (this.#state) {
      case "content": return this.#content(over);
      case "arguments": return this.#arguments();
      case "after": return this.#after(over);
      default: return this.#state satisfies never;
    }
  }

  #content(over: boolean): boolean {
    const { syntax: { begin, onlyAtStart } } = this.#options;
    const first = begin[0] ?? "";
    for (let at = this.#held.indexOf(first); at !== -1; at = this.#held.indexOf(first, at + 1)) {
      // A bare JSON object within a text is not a call.
      if (onlyAtStart && !(this.#blank && this.#calls === 0 && this.#held.slice(0, at).trim() === "")) break;
      const match = this.#matchCall(this.#held.slice(at), begin);
      if (match.kind === "none") continue;
      if (match.kind === "partial") {
        if (over) continue;
        this.#say(at, false);
        return false;
      }
      this.#say(at, true);
      this.#open(match);
      return true;
    }
    this.#say(this.#held.length, false);
    if (over) this.#sayAll();
    return false;
  }

  /** Up to `end` the held text is content. White space at its end is kept back: before a call it is none. */
  #say(end: number, beforeCall: boolean): void {
    const content = this.#held.slice(0, end);
    const shown = content.trimEnd();
    const skipped = this.#blank && this.#calls > 0 ? shown.length - shown.trimStart().length : 0;
    this.#text += shown.slice(skipped);
    if (shown !== "") this.#blank = false;
    this.#held = this.#held.slice(beforeCall ? end : shown.length);
  }

  #sayAll(): void {
    if (!(this.#blank && this.#calls > 0)) this.#text += this.#held;
    this.#held = "";
  }

  /** `opening`, a name, what follows names, and the arguments' first brace: only then it is certainly a call. */
  #matchCall(text: string, opening: string): Opening {
    const opened = matchLiteral(text, opening);
    if (opened.kind !== "whole") return opened;
    let isPartial = false;
    for (const name of this.#options.names) {
      const rest = text.slice(opened.length).trimStart();
      const match = matchLiteral(rest, `${name}${this.#options.syntax.middle}{`);
      if (match.kind === "whole") return { ...match, name, length: text.length - rest.length + match.length - 1 };
      isPartial ||= match.kind === "partial";
    }
    return { kind: isPartial ? "partial" : "none" };
  }

  #open({ name, length }: Opening & { readonly kind: "whole" }): void {
    this.#deltas.push({ index: this.#calls, id: this.#options.newId(), name, arguments: "" });
    this.#calls += 1;
    this.#held = this.#held.slice(length);
    this.#extent = new JsonExtent();
    this.#state = "arguments";
  }

  #arguments(): boolean {
    const taken = this.#extent.push(this.#held);
    if (taken > 0) this.#deltas.push({ index: this.#calls - 1, arguments: this.#held.slice(0, taken) });
    this.#held = this.#held.slice(taken);
    if (this.#extent.state === "open") return false;
    this.#blank = true;
    this.#state = this.#extent.state === "closed" ? "after" : "content";
    return true;
  }

  /** Behind a call's arguments: another call, or the end of the calls. */
  #after(over: boolean): boolean {
    const { syntax: { joint, tail } } = this.#options;
    const next: Opening = joint === null ? { kind: "none" } : this.#matchCall(this.#held, joint);
    if (next.kind === "whole") {
      this.#open(next);
      return true;
    }
    if (next.kind === "partial" && !over) return false;
    const end = matchLiteral(this.#held, tail);
    if (end.kind === "partial") {
      // The answer was cut off within the end mark, which is no content.
      if (over) this.#held = "";
      return false;
    }
    if (end.kind === "whole") this.#held = this.#held.slice(end.length);
    this.#state = "content";
    return true;
  }
}

type Opening = Exclude<Match, { readonly kind: "whole" }> | { readonly kind: "whole"; readonly length: number; readonly name: string };

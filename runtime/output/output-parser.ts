import type { ToolCallDelta } from "../host/messages.ts";

/** What a piece of generated text turns out to be. */
export interface OutputPiece {
  readonly text: string;
  readonly calls: readonly ToolCallDelta[];
}

/** Text in, answer out: content and tool calls. One parser per answer. */
export interface OutputParser {
  push(text: string): OutputPiece;
  /** The answer is over: gives out what was held back. */
  finish(): OutputPiece;
  /** Whether there was a call. */
  readonly called: boolean;
  /** Whether it is in the middle of a call's arguments. */
  readonly inCall: boolean;
}

/** For answers without tools. */
export const plainParser: OutputParser = {
  push: (text) => ({ text, calls: [] }),
  finish: () => ({ text: "", calls: [] }),
  called: false,
  inCall: false,
};

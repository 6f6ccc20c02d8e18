import type { DebugReplay } from "../../protocol/api/debug.ts";
import type { AnswerTokens } from "../../protocol/trace-tokens.ts";
import type { Trace } from "../../protocol/trace.ts";
import type { Branch } from "./branch.ts";

/** A finished request that is computed once more, held against what was recorded of it. */
export class Replay {
  readonly #trace: Trace;
  readonly #recorded: AnswerTokens | undefined;

  constructor(trace: Trace, recorded: AnswerTokens | undefined) {
    this.#trace = trace;
    this.#recorded = recorded;
  }

  compare(branch: Branch): DebugReplay {
    const { ids = null, logprobs = [] } = this.#recorded ?? {};
    let compared = 0;
    let exact = true;
    let firstDifference: number | null = null;
    for (let token = 0; token < Math.min(branch.tokens, ids?.length ?? 0) && firstDifference === null; token += 1) {
      const row = branch.row(token)?.row;
      if (row === undefined || ids === null) break;
      if (row.id !== ids[token]) firstDifference = token;
      else compared += 1;
      // Recorded as 32-bit floats.
      if (row.id !== ids[token] || Math.fround(row.logprob) !== (logprobs[token] ?? -Infinity)) exact = false;
    }
    return { of: this.#trace.id, compared, exact: exact && compared > 0, firstDifference, reasons: [...this.#reasons(branch)] };
  }

  /** What may keep the numbers from being the same, bit by bit. */
  *#reasons(branch: Branch): Generator<string> {
    const { engine: then, reuse, parameters } = this.#trace;
    const { engine: now } = branch.trace;
    if (this.#recorded === undefined || this.#recorded.ids === null) yield "The tokens of the trace were not recorded (`traces.tokens`, `traces.text`): there is nothing to compare with.";
    if (then !== null && now !== null) {
      if (then.fingerprint !== now.fingerprint) yield `The model's file is another one: ${then.fingerprint ?? "not known"} then, ${now.fingerprint ?? "not known"} now.`;
      if (then.library !== now.library) yield `The library is another release: ${then.library} then, ${now.library} now.`;
      if (then.device !== now.device) yield `It computes elsewhere: ${then.device ?? "not known"} then, ${now.device ?? "not known"} now.`;
    }
    if (reuse !== null && reuse.tokens > 0) yield `The recorded request did not compute the first ${reuse.tokens} tokens of its prompt: they came from another request, computed in other steps.`;
    const together = this.#recorded?.batch.findIndex((answers) => answers > 1) ?? -1;
    if (together >= 0) yield `From token ${together} on, the recorded request shared steps with others: sums are then added in another order.`;
    if (this.#recorded?.guesses.some((guess) => guess !== "none")) yield "Tokens were guessed and checked several in a step; a debugger goes one by one.";
    if (typeof parameters.choices === "number" && parameters.choices > 1) yield `It had ${parameters.choices} answers; only the first is computed.`;
  }
}

import type { DebugBranch, DebugState } from "../../../protocol/api/debug.ts";
import { tokenDocument } from "../../../protocol/debugger.ts";
import type { Debuggee } from "./debuggee.ts";

interface Row {
  readonly id: number;
  readonly text: string;
  readonly probability: number | null;
  readonly chosenBy: string;
}

/** Lines for tokens that are still to come: breakpoints can be set on them. */
const ahead = 20;
/** When so many are missing, the recording is read; it may lag behind by a few, which are then asked for one by one. */
const fewMissing = 4;

/** The text of the token document of each branch: token `n` is line `n`, counted from 0. */
export class TokenLines {
  readonly #debuggee: Debuggee;
  readonly #rows = new Map<string, readonly (Row | null)[]>();

  constructor(debuggee: Debuggee) {
    this.#debuggee = debuggee;
  }

  async text(branch: DebugBranch): Promise<string> {
    const rows = await this.#read(branch);
    const lines = rows.map(lineOf);
    if (branch.over === null) for (let next = rows.length; next < rows.length + ahead; next += 1) lines.push(lineOf(null, next));
    return lines.join("\n");
  }

  async #read({ trace, tokens }: DebugBranch): Promise<readonly (Row | null)[]> {
    let rows = this.#rows.get(trace) ?? [];
    if (tokens - rows.length > fewMissing) rows = (await this.#recorded(trace, tokens)) ?? rows;
    const missing: (Row | null)[] = [];
    for (let index = rows.length; index < tokens; index += 1) missing.push(await this.#debuggee.token(index, trace));
    rows = [...rows, ...missing];
    this.#rows.set(trace, rows);
    return rows;
  }

  /** Null where no texts are recorded. */
  async #recorded(trace: string, tokens: number): Promise<readonly Row[] | null> {
    const { answers: [answer], pieces } = await this.#debuggee.recorded(trace);
    return answer?.ids?.slice(0, tokens).map((id, index) => {
      const logprob = answer.logprobs[index] ?? null;
      return { id, text: pieces[id] ?? "", probability: logprob === null ? null : Math.exp(logprob), chosenBy: answer.chosenBy[index] ?? "" };
    }) ?? null;
  }
}

/** Quotes and escapes as JSON has them, so that a line stays one line. */
export const quoted = (text: string): string => JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");

export const percent = (probability: number | null): string => (probability === null ? "–" : `${(probability * 100).toFixed(probability < 0.0995 ? 2 : 1)} %`);

/** Of a token that is not known, or still to come, only the number. */
function lineOf(row: Row | null, index: number): string {
  if (row === null) return `${String(index).padStart(5)}  …`;
  const { id, text, probability, chosenBy } = row;
  return `${String(index).padStart(5)}  ${quoted(text).padEnd(18)} ${percent(probability).padStart(8)}  ${chosenBy.padEnd(8)} ${String(id).padStart(7)}`;
}

/** The document's name: what the branch is, in the order in which they came to be. */
export function branchName({ branches, model }: DebugState, trace: string): string {
  const at = branches.findIndex((branch) => branch.trace === trace);
  const branch = branches[at];
  if (branch === undefined || branch.kind === "start") return model;
  return branch.kind === "turn" ? `${model} ${at + 1} turn` : `${model} ${at + 1} fork at ${branch.parent?.token ?? 0}`;
}

/** Its address. Names no trace: in the next session of the same folder the same branch has it again, with the breakpoints set there. */
export const documentUri = (folder: string, state: DebugState, trace: string): string => `${folderUri(folder)}${encoded(branchName(state, trace))}${tokenDocument.extension}`;

/** What the addresses of a session's documents begin with. */
export const folderUri = (folder: string): string => `${tokenDocument.scheme}:/${encoded(folder)}/`;

/** As VS Code writes addresses, so that one comes back as it was given. */
const encoded = (text: string): string => encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

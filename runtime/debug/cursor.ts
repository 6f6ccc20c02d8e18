import { InfernoError } from "../../protocol/errors.ts";
import type { Branch } from "./branch.ts";

export interface CursorOptions {
  readonly first: Branch;
  /** What the user says after each answer. */
  readonly turns: readonly string[];
  /** Sends the request of the turn after an answer. */
  readonly begin: (after: Branch, says: string, signal: AbortSignal) => Promise<Branch>;
}

/** A place among the tokens of branches: one token on or back at a time. Going on beyond the last one lets the model choose. */
export class Cursor {
  readonly #options: CursorOptions;
  readonly #branches: Branch[];
  #branch: Branch;
  #token: number | null;

  constructor(options: CursorOptions) {
    this.#options = options;
    this.#branches = [options.first];
    this.#branch = options.first;
    this.#token = options.first.tokens === 0 ? null : options.first.tokens - 1;
  }

  get branches(): readonly Branch[] {
    return this.#branches;
  }

  get branch(): Branch {
    return this.#branch;
  }

  /** Null before the first token. */
  get token(): number | null {
    return this.#token;
  }

  get atEnd(): boolean {
    return this.#branch.over !== null && (this.#token ?? this.#branch.first - 1) >= this.#branch.tokens - 1;
  }

  /** What the user has yet to say. */
  get turnsLeft(): readonly string[] {
    let turns = 0;
    for (let each: Branch | undefined = this.#branch; each !== undefined; each = each.parent?.branch) turns += each.kind === "turn" ? 1 : 0;
    return this.#options.turns.slice(turns);
  }

  /** Throws `trace_not_found`. */
  find(trace: string): Branch {
    const found = this.#branches.find(({ id }) => id === trace);
    if (found === undefined) throw new InfernoError("trace_not_found", `The debug session has no branch "${trace}".`, { param: "trace" });
    return found;
  }

  /** To a branch's last token. */
  enter(branch: Branch): void {
    if (!this.#branches.includes(branch)) this.#branches.push(branch);
    this.#branch = branch;
    this.#token = branch.tokens > branch.first ? branch.tokens - 1 : null;
  }

  /** One token on. False at the answer's end, and when it was stopped before there was one. */
  async advance(signal: AbortSignal): Promise<boolean> {
    const next = this.#token === null ? this.#branch.first : this.#token + 1;
    if (next >= this.#branch.tokens) await this.#branch.grant(1, signal);
    if (next >= this.#branch.tokens) return false;
    this.#token = next;
    return true;
  }

  /** To the answer's end, or to where it was stopped. False when there was nothing more. */
  async rush(signal: AbortSignal): Promise<boolean> {
    const before = this.#token;
    await this.#branch.grant(null, signal);
    if (this.#branch.tokens > 0) this.#token = this.#branch.tokens - 1;
    return this.#token !== before;
  }

  /** To this token, or the last one before it where the answer ends or is stopped. */
  async goto(token: number, signal: AbortSignal): Promise<void> {
    const branch = this.#branch;
    if (token < branch.first) throw unknownToken(branch, token);
    if (token >= branch.tokens) await branch.grant(token - branch.tokens + 1, signal);
    if (branch.tokens > branch.first) this.#token = Math.min(token, branch.tokens - 1);
  }

  /** Into the turn that follows, at its first token. False when there is none. */
  async turn(signal: AbortSignal): Promise<boolean> {
    const after = this.#branch;
    const next = this.#branches.find(({ kind, parent }) => kind === "turn" && parent?.branch === after) ?? (await this.#begin(after, signal));
    if (next === null) return false;
    this.enter(next);
    this.#token = null;
    return await this.advance(signal);
  }

  /** One token back, from the first into the turn before. False at the very first one. */
  back(): boolean {
    const { first, kind, parent } = this.#branch;
    if (this.#token !== null && this.#token > first) this.#token -= 1;
    else if (kind === "turn" && parent !== null) this.enter(parent.branch);
    else return false;
    return true;
  }

  toFirst(): void {
    this.#token = this.#branch.first;
  }

  async #begin(after: Branch, signal: AbortSignal): Promise<Branch | null> {
    const [says] = this.turnsLeft;
    if (says === undefined || after.over === null || after.over === "failed" || after.over === "cancelled") return null;
    return await this.#options.begin(after, says, signal);
  }
}

export const unknownToken = (branch: Branch, token: number): InfernoError => new InfernoError(
  "debug_impossible",
  branch.tokens === branch.first ? "No token has been chosen yet." : `Token ${token} is not known: of this branch, tokens ${branch.first} to ${branch.tokens - 1} are.`,
);

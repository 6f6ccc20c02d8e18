import type { DebugBreakpoint } from "../../../protocol/api/debug.ts";

export type ExceptionFilter = "truncation" | "low_confidence" | "grammar_dead_end";

/** One breakpoint of the editor. */
export interface Entry {
  readonly id: number;
  readonly kind: "line" | "function" | "exception";
  /** A line belongs to one branch's document, so it counts in that branch only. */
  readonly uri?: string;
  readonly filter?: ExceptionFilter;
  /** Null where its text could not be read. */
  readonly breakpoint: DebugBreakpoint | null;
  /** Why it cannot stop anything. */
  error: string | null;
}
export type Draft = Omit<Entry, "id" | "error"> & { readonly error?: string };

/** The editor's breakpoints, which it sets group by group: those of a document, the functions, the exceptions. */
export class BreakpointTable {
  readonly #groups = new Map<string, readonly Entry[]>();
  #sent: readonly Entry[] = [];
  #nextId = 1;

  replace(group: string, drafts: readonly Draft[]): readonly Entry[] {
    const entries = drafts.map(({ error = null, ...draft }) => ({ ...draft, error, id: this.#nextId++ }));
    this.#groups.set(group, entries);
    return entries;
  }

  /** Those that the daemon is to know. */
  get usable(): readonly (Entry & { readonly breakpoint: DebugBreakpoint })[] {
    return [...this.#groups.values()].flat().filter(isUsable);
  }

  /** The daemon knows these now, and names them by their place in the list. */
  markSent(entries: readonly Entry[]): void {
    this.#sent = entries;
  }

  /** Which of the editor's breakpoints stop at a token of the branch whose document this is. */
  hits(numbers: readonly number[], uri: string): readonly Entry[] {
    return numbers.flatMap((number) => this.#sent[number] ?? []).filter((entry) => entry.uri === undefined || entry.uri === uri);
  }
}

const isUsable = (entry: Entry): entry is Entry & { readonly breakpoint: DebugBreakpoint } => entry.breakpoint !== null && entry.error === null;

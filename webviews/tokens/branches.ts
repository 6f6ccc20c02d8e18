import type { DebugBranch, DebugState } from "../../protocol/api/debug.ts";

/** A row of the tree of branches. */
export interface BranchRow {
  /** Names the branch. The first one of a replay is the recorded trace itself, as long as it came out the same. */
  readonly trace: string;
  readonly depth: number;
  readonly branch: DebugBranch;
  /** Trace of the branch that it left, and the first token of its own; null for the first. */
  readonly parent: { readonly trace: string; readonly token: number } | null;
}

/** Whether the recorded tokens are still those of the session's first branch. */
export const followsRecord = ({ replay }: DebugState): boolean => replay !== null && replay.firstDifference === null;

/** The name under which a branch of the session is shown. */
export function shownName(state: DebugState, trace: string): string {
  const first = state.branches[0];
  return first !== undefined && trace === first.trace && state.replay !== null && followsRecord(state) ? state.replay.of : trace;
}

/** The branches as a tree, each before those that left it. */
export function branchRows(state: DebugState): BranchRow[] {
  const rows: BranchRow[] = [];
  const add = (branch: DebugBranch, depth: number): void => {
    const parent = branch.parent === null ? null : { trace: shownName(state, branch.parent.trace), token: branch.parent.token };
    rows.push({ trace: shownName(state, branch.trace), depth, branch, parent });
    for (const child of state.branches) if (child.parent?.trace === branch.trace && child.trace !== branch.trace) add(child, depth + 1);
  };
  for (const branch of state.branches) if (branch.parent === null) add(branch, 1);
  return rows;
}

import { formatPlural } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import { branchRows, type BranchRow } from "./branches.ts";
import type { Context } from "./context.ts";
import { conversationIn, type TokensState } from "./model.ts";
import { strings } from "./strings.ts";
import { quoted } from "./visible.ts";

/** The debug session's answers: the one that was recorded, and what became of it where another token was chosen. */
export function BranchTree({ context: { store, post } }: { readonly context: Context }) {
  const debug = useSelect(store, (state) => state.debug);
  const shown = useSelect(store, (state) => state.branch);
  // Their tokens say what was chosen.
  const branches = useSelect(store, (state) => state.branches);
  if (debug === null || debug.branches.length < 2) return null;
  const rows = branchRows(debug);
  const focusable = rows.some(({ trace }) => trace === shown) ? shown : rows[0]?.trace;
  const show = (trace: string) => store.dispatch({ type: "branch", trace });
  const onKey = (event: KeyboardEvent) => {
    const at = rows.findIndex(({ trace }) => trace === focusable);
    const parent = rows.findIndex(({ trace }) => trace === rows[at]?.parent?.trace);
    const next: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, ArrowLeft: parent, ArrowRight: rows.findIndex(({ parent: over }) => over?.trace === focusable) };
    const row = rows[next[event.key] ?? -1];
    if (row === undefined) return;
    event.preventDefault();
    show(row.trace);
    document.getElementById(rowId(row.trace))?.focus();
  };
  return (
    <div class="branches">
      <div class="branches-head">
        <h2 id="branches-heading">{strings.branches}</h2>
        <button type="button" class="link" onClick={() => post({ type: "end" })}>{strings.endSession}</button>
      </div>
      <ul role="tree" aria-labelledby="branches-heading" onKeyDown={onKey}>
        {rows.map((row, at) => (
          <li
            key={row.trace} id={rowId(row.trace)} role="treeitem" aria-level={row.depth} aria-selected={row.trace === shown} tabIndex={row.trace === focusable ? 0 : -1}
            aria-expanded={rows[at + 1] !== undefined && rows[at + 1]!.depth > row.depth ? true : undefined}
            style={{ paddingInlineStart: `${8 + 16 * Math.min(row.depth - 1, 12)}px` }} onClick={() => show(row.trace)}
          >
            <vscode-icon name={row.parent === null ? "circle-filled" : "git-branch"} />
            <span>{nameOf(row, { ...store.state, branches })}</span>
            <span class="muted">{lengthOf(row, store.state)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A replay goes only as far as it is asked to; the recorded answer is whole. */
function lengthOf({ trace, branch }: BranchRow, state: TokensState): string {
  const recorded = trace === state.trace?.id && (state.debug?.replay ?? null) !== null ? conversationIn(state, trace) : null;
  if (recorded !== null) return formatPlural(recorded.tokens.length - recorded.prompt, "token");
  return strings.branchTokens(formatPlural(branch.tokens, "token"), strings.over[branch.over ?? "going"]);
}

const rowId = (trace: string): string => `branch-${trace}`;

/** A branch is called after what was chosen where it left another. */
export function nameOf({ trace, parent }: Pick<BranchRow, "trace" | "parent">, state: TokensState): string {
  if (parent === null) return trace === state.trace?.id ? ((state.debug?.replay ?? null) === null ? strings.firstBranch : strings.recorded) : strings.computedAgain;
  const conversation = conversationIn(state, trace);
  const token = conversation?.tokens[conversation.prompt + parent.token];
  return strings.branchAt(String(parent.token), token === undefined ? "…" : quoted(token.text));
}

import { formatPlural } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import { branchRows } from "./branches.ts";
import { nameOf } from "./branch-tree.tsx";
import type { Context } from "./context.ts";
import type { Token } from "./conversation.ts";
import { differenceOf, type DifferencePart } from "./difference.ts";
import { formatLogprob, tokenLabel } from "./label.ts";
import { conversationIn, type TokensState } from "./model.ts";
import { strings } from "./strings.ts";
import { isSpecial, visibleText } from "./visible.ts";

/** Two branches: what they share, then what each says instead. */
export function DifferenceView({ context }: { readonly context: Context }) {
  const { store } = context;
  const right = useSelect(store, (state) => state.conversation);
  const against = useSelect(store, (state) => state.against);
  const state = store.state;
  const left = against === null ? null : conversationIn(state, against);
  if (left === null || against === null || against === state.branch) return <div class="padded"><AgainstPicker context={context} /><p class="muted">{strings.noComparison}</p></div>;
  const { parts, common, leftSum, rightSum } = differenceOf(left, right);
  const same = parts.every(({ kind }) => kind === "same");
  return (
    <div class="difference">
      <AgainstPicker context={context} />
      <p>{same ? strings.identical : strings.commonBeginning(formatPlural(common, "token"))} {strings.sum}: {formatLogprob(leftSum)} {strings.left.toLowerCase()}, {formatLogprob(rightSum)} {strings.right.toLowerCase()}.</p>
      <div class="texts">
        <AnswerText heading={titleOf(state, against)} parts={parts} side="left" />
        <AnswerText heading={titleOf(state, state.branch ?? "")} parts={parts} side="right" />
      </div>
      <PieceTable parts={parts} />
    </div>
  );
}

function titleOf(state: TokensState, trace: string): string {
  const row = state.debug === null ? undefined : branchRows(state.debug).find((one) => one.trace === trace);
  return nameOf(row ?? { trace, parent: null }, state);
}

function AgainstPicker({ context: { store } }: { readonly context: Context }) {
  const debug = useSelect(store, (state) => state.debug);
  const branch = useSelect(store, (state) => state.branch);
  const against = useSelect(store, (state) => state.against);
  const choices = debug === null ? [] : branchRows(debug).filter(({ trace }) => trace !== branch);
  if (choices.length === 0) return null;
  return (
    <label class="colouring">
      <span>{strings.compareWith}</span>
      <select class="picker" value={against ?? ""} onChange={(change) => store.dispatch({ type: "against", trace: change.currentTarget.value })}>
        {choices.map((row) => <option key={row.trace} value={row.trace} selected={row.trace === against}>{nameOf(row, store.state)}</option>)}
      </select>
    </label>
  );
}

interface SideProps {
  readonly parts: readonly DifferencePart[];
  readonly side: "left" | "right";
}

/** One of the two, whole, with what only it has marked. */
function AnswerText({ heading, parts, side }: SideProps & { readonly heading: string }) {
  const Mark = side === "left" ? "del" : "ins";
  return (
    <section class="answer-text" aria-label={heading}>
      <h3>{side === "left" ? strings.left : strings.right}: {heading}</h3>
      <p class="flow">
        {parts.map((part, at) => (part.kind === "same" ? <Flow key={at} tokens={part[side]} /> : part[side].length > 0 && <Mark key={at}><Flow tokens={part[side]} /></Mark>))}
      </p>
    </section>
  );
}

const Flow = ({ tokens }: { readonly tokens: readonly Token[] }) => (
  <>
    {tokens.map((token) => <span key={token.place} class={isSpecial(token.text) ? "token special" : "token"} title={tokenLabel(token, "probability")}>{visibleText(token.text)}{token.text.endsWith("\n") && "\n"}</span>)}
  </>
);

/** The same as a table, with log-probabilities token by token. */
function PieceTable({ parts }: { readonly parts: readonly DifferencePart[] }) {
  return (
    <table class="pieces">
      <caption class="spoken">{strings.differenceTable}</caption>
      <thead>
        <tr>{[strings.piece, strings.left, strings.right].map((name) => <th key={name} scope="col">{name}</th>)}</tr>
      </thead>
      <tbody>
        {parts.map((part, at) => (
          <tr key={at}>
            <th scope="row">{part.kind === "same" ? strings.both : part.left.length === 0 ? strings.onlyRight : part.right.length === 0 ? strings.onlyLeft : strings.viewNames.difference}</th>
            {part.kind === "same" ? <td colSpan={2}>{formatPlural(part.left.length, "token")}</td> : (
              <>
                <td><TokenList tokens={part.left} /></td>
                <td><TokenList tokens={part.right} /></td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** So many are listed one by one; who wants the rest opens the branch's own table. */
const listed = 100;

const TokenList = ({ tokens }: { readonly tokens: readonly Token[] }) => (
  <span class="token-list">
    {tokens.slice(0, listed).map((token) => (
      <span key={token.place}>
        <code>{visibleText(token.text)}</code> <small>{formatLogprob(token.choice?.logprob ?? null)}</small>
      </span>
    ))}
    {tokens.length > listed && "…"}
  </span>
);

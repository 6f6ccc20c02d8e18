import { formatBytes, formatCount, formatDuration, formatShare } from "../shared/format.ts";
import { MarkedText } from "../shared/marked-text.tsx";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { stepSpans } from "./step-spans.ts";
import { strings } from "./strings.ts";

/** What the token's step took: its stages, and its operations where they were recorded. */
export function StepView({ context: { store, post } }: { readonly context: Context }) {
  const trace = useSelect(store, (state) => (state.branch === state.trace?.id ? state.trace : null));
  const { tokens, prompt } = useSelect(store, (state) => state.conversation);
  const selected = useSelect(store, (state) => state.selected);
  const branch = useSelect(store, (state) => state.branch);
  const atUs = tokens[selected]?.choice?.atUs ?? null;
  const { stages, operations } = trace === null ? { stages: [], operations: [] } : stepSpans(trace.spans, tokens.slice(prompt), selected - prompt);
  const total = operations.reduce((sum, { totalUs }) => sum + totalUs, 0);
  return (
    <section>
      <h3>
        {strings.spans}
        {branch !== null && <button type="button" class="link" onClick={() => post({ type: "flame", traceId: branch, atUs })}><vscode-icon name="flame" />{strings.showInFlame}</button>}
      </h3>
      {stages.length === 0 && <p class="muted">{trace === null ? strings.branchSpans : strings.noSpans}</p>}
      <dl class="pairs">
        {stages.map(({ id, name, durationUs }) => (
          <div key={id}>
            <dt>{name}</dt>
            <dd>{formatDuration(durationUs)}</dd>
          </div>
        ))}
      </dl>
      <h3>{strings.operations}</h3>
      {operations.length === 0 ? <p class="muted"><MarkedText text={strings.noOperations} /></p> : (
        <ol class="candidates">
          {operations.slice(0, 12).map(({ operator, count, totalUs, bytes }) => (
            <li key={operator} title={`${strings.operationCount(formatCount(count))}, ${formatBytes(bytes)}`}>
              <span class="bar" aria-hidden="true"><i style={{ width: `${(totalUs / total) * 100}%` }} /></span>
              <code>{operator}</code>
              <span class="share">{formatShare(totalUs / total)}</span>
              <span class="muted">{formatDuration(totalUs)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

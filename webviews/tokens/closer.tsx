import type { DebugReplay, DebugStage, DebugToken } from "../../protocol/api/debug.ts";
import { formatCount, formatPlural, formatShare } from "../shared/format.ts";
import { ErrorBox } from "../shared/error-box.tsx";
import { Pair } from "../shared/pair.tsx";
import { useSelect } from "../shared/store.ts";
import { ChooseButton } from "./candidates.tsx";
import type { Context } from "./context.ts";
import { closerOf, placeOf } from "./model.ts";
import { strings } from "./strings.ts";
import { quoted } from "./visible.ts";

/** The choice stage by stage, out of a debug session that computes the request once more. */
export function Closer({ context }: { readonly context: Context }) {
  const { store, post } = context;
  const closer = useSelect(store, closerOf);
  const work = useSelect(store, (state) => state.work);
  const refused = useSelect(store, (state) => state.refused);
  const replay = useSelect(store, (state) => state.debug?.replay ?? null);
  const running = useSelect(store, (state) => state.recorded?.live === true && state.debug === null);
  const look = () => {
    const place = placeOf(store.state);
    if (place !== null) post({ type: "look", ...place });
  };
  return (
    <section class="closer">
      <p>
        <button type="button" class="plain primary" disabled={work !== null || running} onClick={look}>{closer === null ? strings.lookCloser : strings.lookAgain}</button>
      </p>
      {closer === null && work === null && <p class="muted">{strings.lookNote}</p>}
      {work !== null && (
        <p class="working" role="status">
          <vscode-icon name="loading" spin />
          {strings.work[work]}
          <button type="button" class="link" onClick={() => post({ type: "stop" })}>{strings.stop}</button>
        </p>
      )}
      {refused !== null && <ErrorBox error={refused} />}
      {replay !== null && <Exactness replay={replay} />}
      {closer !== null && <Stages context={context} token={closer} />}
    </section>
  );
}

/** Whether what is looked at is what was recorded. */
function Exactness({ replay }: { readonly replay: DebugReplay }) {
  const tokens = formatPlural(replay.compared, "token");
  const same = replay.firstDifference === null;
  return (
    <div class="exactness">
      <p>
        <vscode-icon name={replay.exact ? "pass" : same ? "info" : "warning"} />
        {replay.exact ? strings.exact(tokens) : replay.firstDifference === null ? strings.almost(tokens) : strings.inexact(formatCount(replay.firstDifference))}
      </p>
      {replay.reasons.length > 0 && (
        <details open={!replay.exact}>
          <summary>{strings.reasons}</summary>
          <ul>{replay.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>
        </details>
      )}
    </div>
  );
}

function Stages({ context, token }: { readonly context: Context; readonly token: DebugToken }) {
  const attached = useSelect(context.store, (state) => state.debug?.attached === true);
  const { names } = strings;
  const nameOf = (id: number) => quoted(token.stages?.flatMap(({ candidates }) => candidates).find((one) => one.id === id)?.text ?? `#${id}`);
  const grammar = token.grammar === null ? strings.grammarNone : token.grammar.refused === null ? strings.grammarAllowed : strings.grammarRefused(nameOf(token.grammar.refused));
  return (
    <>
      <dl class="pairs">
        <Pair name={names.toolCall} value={token.toolCall ?? strings.noToolCall} />
        <Pair name={names.grammar} value={grammar} />
        {token.latencyMs !== null && <Pair name={names.latency} value={`${token.latencyMs.toFixed(2)} ms`} />}
      </dl>
      <h3>{strings.stages}</h3>
      {token.stages === null ? <p class="muted">{strings.noStages}</p> : token.stages.map((stage, at) => (
        <StageView key={stage.name} context={context} stage={stage} chosen={token.id} open={at === 0 || at === token.stages!.length - 1} canFork={!attached} nameOf={nameOf} />
      ))}
    </>
  );
}

interface StageProps {
  readonly context: Context;
  readonly stage: DebugStage;
  readonly chosen: number;
  readonly open: boolean;
  readonly canFork: boolean;
  readonly nameOf: (id: number) => string;
}

function StageView({ context, stage, chosen, open, canFork, nameOf }: StageProps) {
  const { columns } = strings;
  const settings = Object.entries(stage.settings).map(([name, value]) => `${name} ${value}`).join(", ");
  return (
    <details class="stage" open={open}>
      <summary>
        <strong>{stage.name === "logits" ? strings.logits : stage.name}</strong>
        {settings !== "" && <code>{settings}</code>}
        <span class="muted">{strings.stageKept(formatCount(stage.kept))}{stage.chosen !== null && `, ${strings.stageChose(nameOf(stage.chosen))}`}</span>
      </summary>
      <table class="stage-table" aria-label={strings.stageTable(stage.name)}>
        <thead>
          <tr>{Object.values(columns).map((name) => <th key={name} scope="col">{name}</th>)}</tr>
        </thead>
        <tbody>
          {stage.candidates.map((candidate) => (
            <tr key={candidate.id} aria-current={candidate.id === chosen ? "true" : undefined}>
              <th scope="row">
                <code>{quoted(candidate.text)}</code>
                {stage.name === "logits" && candidate.id !== chosen && <ChooseButton context={context} id={candidate.id} text={candidate.text} disabled={!canFork} />}
              </th>
              <td>{candidate.logit.toFixed(2).replace("-", "−")}</td>
              <td>{formatShare(candidate.probability)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

import { memo } from "preact/compat";
import { useState } from "preact/hooks";
import { formatDuration, formatPlural, formatRate, formatShare } from "../shared/format.ts";
import { ErrorBox } from "../shared/error-box.tsx";
import { useSelect } from "../shared/store.ts";
import { splitAnswer } from "./answer-text.ts";
import type { Parts } from "./app.tsx";
import { canAsk, currentModel, type Exchange } from "./model.ts";
import { strings } from "./strings.ts";
import { MarkedText } from "../shared/marked-text.tsx";
import { IconButton } from "../shared/icon-button.tsx";

interface ExchangeProps extends Parts {
  readonly exchange: Exchange;
  readonly last: boolean;
}

/** A question and its answer. Drawn again only when it has changed: while one streams, the others stay. */
export const ExchangeView = memo(function ExchangeView({ exchange, last, store, dispatch, host }: ExchangeProps) {
  const { outcome, answer } = exchange;
  const mayAsk = useSelect(store, canAsk);
  const again = last && mayAsk ? () => dispatch({ type: "again" }) : undefined;
  return (
    <li class="exchange">
      <article class="question" aria-label={strings.you}>
        <p>{exchange.question}</p>
      </article>
      <article class="answer" aria-label={exchange.model} aria-busy={outcome.type === "streaming"}>
        <h2>{exchange.model}</h2>
        {answer === "" && outcome.type === "streaming" && <Waiting store={store} />}
        <Answer text={answer} streaming={outcome.type === "streaming"} />
        {outcome.type === "failed" && (
          <ErrorBox error={outcome.error}>
            {again !== undefined && (
              <button type="button" class="link" onClick={again}>
                <vscode-icon name="refresh" />
                {strings.retry}
              </button>
            )}
          </ErrorBox>
        )}
        {outcome.type === "stopped" && <p class="ended"><vscode-icon name="debug-stop" />{strings.stopped}</p>}
        {outcome.type === "finished" && outcome.reason === "length" && <p class="ended"><vscode-icon name="warning" />{strings.lengthReached}</p>}
        {outcome.type !== "streaming" && (
          <footer>
            {outcome.type === "finished" && (
              <>
                <dl>
                  <Fact name={strings.facts.ttft} value={formatDuration(outcome.timings.ttft_ms * 1000)} />
                  <Fact name={strings.facts.rate} value={formatRate(outcome.timings.tokens_per_second)} />
                  <Fact name={strings.facts.answer} value={formatPlural(outcome.usage.completion_tokens, "token")} />
                  <Fact name={strings.facts.prompt} value={formatPlural(outcome.usage.prompt_tokens, "token")} />
                </dl>
                <button type="button" class="link" onClick={() => host.post({ type: "openTrace", traceId: outcome.timings.trace_id })}>
                  <vscode-icon name="flame" />
                  {strings.openTrace}
                </button>
                <button type="button" class="link" onClick={() => host.post({ type: "openTokens", traceId: outcome.timings.trace_id })}>
                  <vscode-icon name="symbol-string" />
                  {strings.openTokens}
                </button>
              </>
            )}
            <span class="actions">
              {answer !== "" && <CopyButton text={answer} label={strings.copy} />}
              {again !== undefined && outcome.type !== "failed" && <IconButton icon="refresh" label={strings.again} onClick={again} />}
            </span>
          </footer>
        )}
      </article>
    </li>
  );
});

/** Why nothing has come yet. */
function Waiting({ store }: Pick<Parts, "store">) {
  const text = useSelect(store, (state) => {
    const model = currentModel(state);
    if (model?.state === "loading" || model?.state === "downloading") return strings.loadingModel(model.progress === null ? "" : ` ${formatShare(model.progress).replace(/\.\d/, "")}`);
    return model !== null && model.queued > 0 ? strings.queued : strings.thinking;
  });
  return (
    <p class="waiting">
      <vscode-icon name="loading" spin />
      {text}
    </p>
  );
}

function Answer({ text, streaming }: { readonly text: string; readonly streaming: boolean }) {
  const parts = splitAnswer(text);
  return (
    <div class={streaming && text !== "" ? "text growing" : "text"}>
      {parts.map((part, place) =>
        part.type === "text" ? (
          <p key={place}><MarkedText text={part.text} /></p>
        ) : (
          <div class="code" key={place}>
            <div class="code-head">
              <span>{part.language}</span>
              <CopyButton text={part.text} label={strings.copyCode} />
            </div>
            <pre tabIndex={0}><code>{part.text}</code></pre>
          </div>
        ))}
    </div>
  );
}

function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  const said = copied ? strings.copied : label;
  return <IconButton icon={copied ? "check" : "copy"} label={said} onClick={() => void copy()} />;
}

const Fact = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

import { formatMoment } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { promptDifference, reuseWords } from "./reuse.ts";
import { strings } from "./strings.ts";
import { visibleText } from "./visible.ts";

/** Why the prompt had to be computed, or had not: in words, and beside the prompt before it. */
export function ReuseView({ context: { store, open } }: { readonly context: Context }) {
  const trace = useSelect(store, (state) => state.trace);
  const earlier = useSelect(store, (state) => state.earlier);
  if (trace === null || trace.reuse === null) return null;
  const [first, ...rest] = reuseWords(trace);
  return (
    <details class="reuse">
      <summary>
        <strong>{strings.reuse.title}</strong>
        <span>{first}</span>
      </summary>
      {rest.map((sentence) => <p key={sentence}>{sentence}</p>)}
      {earlier !== null && trace.prompt !== null && (
        <>
          <h2>
            {strings.reuse.earlier(formatMoment(earlier.trace.startedAt, new Date()))}
            <button type="button" class="link" onClick={() => open(earlier.trace.id)}>{strings.reuse.openEarlier}</button>
          </h2>
          <Difference prompt={earlier.prompt} completion={earlier.completion} now={trace.prompt} />
        </>
      )}
    </details>
  );
}

/** The turn before went on with its answer, so that belongs to what this prompt may begin with. */
function Difference({ prompt, completion, now }: { readonly prompt: string; readonly completion: string; readonly now: string }) {
  const found = promptDifference(prompt + completion, now);
  if (found === null) return <p>{strings.reuse.begins}</p>;
  if (promptDifference(prompt, now) === null && completion === "") return <p>{strings.reuse.beginsPrompt}</p>;
  const shared = `${found.cutBefore ? "…" : ""}${lines(found.shared)}`;
  return (
    <dl class="prompt-difference">
      <dt>{strings.reuse.earlierHad}</dt>
      <dd><code>{shared}<del>{lines(found.earlier)}{found.cutEarlier && "…"}</del></code></dd>
      <dt>{strings.reuse.nowHas}</dt>
      <dd><code>{shared}<ins>{lines(found.now)}{found.cutNow && "…"}</ins></code></dd>
    </dl>
  );
}

const lines = (text: string): string => text.split("\n").map(visibleTextOf).join("↵\n");
const visibleTextOf = (text: string): string => (text.match(/[^]{1,100}/gu) ?? []).map(visibleText).join("");

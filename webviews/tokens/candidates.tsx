import { formatShare } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { probabilityOf, type Candidate } from "./conversation.ts";
import { placeOf } from "./model.ts";
import { strings } from "./strings.ts";
import { quoted } from "./visible.ts";

interface CandidatesProps {
  readonly context: Context;
  readonly candidates: readonly Candidate[];
  readonly chosen: number | null;
}

/** What else the model might have said, as it was recorded, and the way to have it said. */
export function Candidates({ context, candidates, chosen }: CandidatesProps) {
  const attached = useSelect(context.store, (state) => state.debug?.attached === true || state.recorded?.live === true);
  return (
    <section>
      <h3>{strings.candidates}</h3>
      {candidates.length === 0 && <p class="muted">{strings.noCandidates}</p>}
      <ol class="candidates">
        {candidates.map(({ id, text, logprob }) => (
          <li key={id} aria-current={id === chosen ? "true" : undefined}>
            <span class="bar" aria-hidden="true"><i style={{ width: `${probabilityOf(logprob) * 100}%` }} /></span>
            <code>{quoted(text)}</code>
            <span class="share">{formatShare(probabilityOf(logprob))}</span>
            {id === chosen ? <span class="muted">{strings.chosen}</span> : <ChooseButton context={context} id={id} text={text} disabled={attached} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

export function ChooseButton({ context: { store, post }, id, text, disabled }: { readonly context: Context; readonly id: number; readonly text: string; readonly disabled: boolean }) {
  const busy = useSelect(store, (state) => state.work !== null);
  const choose = () => {
    const place = placeOf(store.state);
    if (place !== null) post({ type: "fork", ...place, choice: { choose: id } });
  };
  return <button type="button" class="link" disabled={busy || disabled} aria-label={strings.chooseNamed(quoted(text))} title={strings.chooseInstead} onClick={choose}>{strings.chooseInstead}</button>;
}

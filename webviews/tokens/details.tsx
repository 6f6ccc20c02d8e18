import { formatCount, formatDuration, formatShare } from "../shared/format.ts";
import { IconButton } from "../shared/icon-button.tsx";
import { Pair } from "../shared/pair.tsx";
import { useSelect } from "../shared/store.ts";
import { Candidates } from "./candidates.tsx";
import { Closer } from "./closer.tsx";
import type { Context } from "./context.ts";
import { probabilityOf, type Choice, type Token } from "./conversation.ts";
import { ForkForm } from "./fork-form.tsx";
import { formatLogprob, formatNats } from "./label.ts";
import { StepView } from "./step-view.tsx";
import { strings } from "./strings.ts";
import { isSpecial, quoted } from "./visible.ts";

/** What is known of the selected token, and what one can do at it. */
export function Details({ context }: { readonly context: Context }) {
  const { store } = context;
  const selected = useSelect(store, (state) => state.selected);
  const { tokens, prompt } = useSelect(store, (state) => state.conversation);
  const token = tokens[selected];
  const go = (index: number) => () => store.dispatch({ type: "select", index });
  return (
    <aside class="details" id="details" aria-label={strings.details} tabIndex={-1}>
      {token === undefined ? <p class="muted">{strings.nothingSelected}</p> : (
        <>
          <header>
            <h2><code class={isSpecial(token.text) ? "special" : undefined}>{token.id === null ? strings.unnamed(String(token.place)) : quoted(token.text)}</code></h2>
            <span class="buttons">
              <IconButton icon="chevron-left" label={strings.previous} disabled={selected === 0} onClick={go(selected - 1)} />
              <IconButton icon="chevron-right" label={strings.next} disabled={selected === tokens.length - 1} onClick={go(selected + 1)} />
            </span>
          </header>
          <dl class="pairs">
            {token.id !== null && <Pair name={strings.names.id} value={String(token.id)} code />}
            {token.bytes !== null && <Pair name={strings.names.bytes} value={token.bytes} code />}
            <Pair name={strings.names.place} value={placeText(token, prompt, tokens.length)} />
            {token.choice === null ? <Pair name={strings.names.reuse} value={token.cached ? strings.fromCache : strings.computed} /> : <ChoicePairs choice={token.choice} />}
          </dl>
          {token.choice !== null && (
            <>
              <Candidates context={context} candidates={token.choice.candidates} chosen={token.id} />
              <Closer context={context} />
              <ForkForm context={context} />
              <StepView context={context} />
            </>
          )}
        </>
      )}
    </aside>
  );
}

const placeText = ({ place, choice }: Token, prompt: number, all: number): string =>
  choice === null ? strings.tokenNumber(formatCount(place), formatCount(prompt), strings.prompt.toLowerCase()) : strings.tokenNumber(formatCount(place), formatCount(all - prompt), strings.answer.toLowerCase());

function ChoicePairs({ choice }: { readonly choice: Choice }) {
  const { names } = strings;
  return (
    <>
      <Pair name={names.probability} value={formatShare(probabilityOf(choice.logprob))} strong />
      <Pair name={names.logprob} value={formatLogprob(choice.logprob)} />
      <Pair name={names.entropy} value={formatNats(choice.entropy)} />
      <Pair name={names.chosenBy} value={strings.chosenBy[choice.chosenBy]} />
      <Pair name={names.time} value={choice.tookUs === null ? strings.firstToken : formatDuration(choice.tookUs)} />
      <Pair name={names.at} value={formatDuration(choice.atUs)} />
      <Pair name={names.step} value={formatCount(choice.step)} />
      <Pair name={names.batch} value={formatCount(choice.batch)} />
      <Pair name={names.cells} value={formatCount(choice.cells)} />
      <Pair name={names.poolCells} value={formatCount(choice.poolCells)} />
      <Pair name={names.guess} value={strings.guesses[choice.guess]} />
    </>
  );
}

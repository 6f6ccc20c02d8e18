import { useSelect } from "../shared/store.ts";
import { legendOf } from "./colours.ts";
import type { Context } from "./context.ts";
import { strings } from "./strings.ts";

/** What the colours stand for. */
export function Legend({ context: { store } }: { readonly context: Context }) {
  const colouring = useSelect(store, (state) => state.colouring);
  const medianUs = useSelect(store, (state) => state.medianUs);
  const rows = legendOf(colouring, medianUs);
  if (rows.length === 0) return null;
  return (
    <ul class="legend" aria-label={`${strings.legend}: ${strings.colourings[colouring]}`}>
      {rows.map(({ tint, text }) => (
        <li key={tint}>
          <i class={`sample ${tint}`} aria-hidden="true" />
          {text}
        </li>
      ))}
    </ul>
  );
}

import { useState } from "preact/hooks";
import type { ForkSampling } from "../../protocol/panels/tokens.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { placeOf } from "./model.ts";
import { forkFields, isValue, readSampling } from "./sampling-fields.ts";
import { strings } from "./strings.ts";

type Typed = Readonly<Partial<Record<keyof ForkSampling, string>>>;

/** Another text at this token, or other sampling from it on. */
export function ForkForm({ context: { store, post } }: { readonly context: Context }) {
  const [text, setText] = useState("");
  const [typed, setTyped] = useState<Typed>({});
  const [empty, setEmpty] = useState(false);
  const work = useSelect(store, (state) => state.work);
  const attached = useSelect(store, (state) => state.debug?.attached === true || state.recorded?.live === true);
  const sampling = readSampling(typed);
  const fork = (submit: Event) => {
    submit.preventDefault();
    const place = placeOf(store.state);
    if (place === null || sampling === null) return;
    const changes = Object.keys(sampling).length > 0;
    setEmpty(text === "" && !changes);
    if (text === "" && !changes) return;
    post({ type: "fork", ...place, choice: { ...(text === "" ? {} : { text }), ...(changes ? { sampling } : {}) } });
  };
  if (attached) return <p class="muted">{strings.forkAttached}</p>;
  return (
    <details class="fork">
      <summary>{strings.fork}</summary>
      <form onSubmit={fork}>
        <p class="muted">{strings.forkNote}</p>
        <label class="field">
          <span>{strings.forkText}</span>
          <input type="text" name="text" autocomplete="off" maxLength={1000} value={text} onInput={(input) => setText(input.currentTarget.value)} />
        </label>
        {forkFields.map((field) => {
          const value = typed[field.name] ?? "";
          const invalid = value.trim() !== "" && !isValue(field, value);
          return (
            <label class="field" key={field.name}>
              <span>{strings.samplingFields[field.name]}</span>
              <input
                type="text" inputMode="decimal" autocomplete="off" name={field.name} value={value} placeholder={strings.unchanged} aria-invalid={invalid} aria-describedby={invalid ? `fork-${field.name}` : undefined}
                onInput={(input) => setTyped({ ...typed, [field.name]: input.currentTarget.value })}
              />
              {invalid && <span class="invalid" id={`fork-${field.name}`}>{strings.invalid(field.min, field.max)}</span>}
            </label>
          );
        })}
        {empty && <p class="invalid" role="status">{strings.forkEmpty}</p>}
        <button type="submit" class="plain" disabled={work !== null || sampling === null}>{strings.forkGo}</button>
      </form>
    </details>
  );
}

import { useState } from "preact/hooks";
import type { PlaygroundSampling } from "../../protocol/panels/playground.ts";
import { useSelect } from "../shared/store.ts";
import type { Parts } from "./app.tsx";
import { readField, samplingForm, type SamplingField } from "./sampling.ts";
import { strings } from "./strings.ts";

export function Settings({ store, dispatch, open }: Pick<Parts, "store" | "dispatch"> & { readonly open: boolean }) {
  const system = useSelect(store, (state) => state.system);
  const sampling = useSelect(store, (state) => state.sampling);
  // A new generation of fields forgets what was typed into them but never was a value.
  const [generation, setGeneration] = useState(0);
  const reset = () => {
    dispatch({ type: "defaults" });
    setGeneration(generation + 1);
  };
  return (
    <aside class="settings" id="settings" aria-label={strings.settings} hidden={!open}>
      <label class="field">
        <span class="label">{strings.system}</span>
        <textarea rows={4} value={system} aria-describedby="system-hint" onInput={(input) => dispatch({ type: "system", text: input.currentTarget.value })} />
        <span class="hint" id="system-hint">{strings.systemHint}</span>
      </label>
      <h2>{strings.sampling}</h2>
      <p class="hint">{strings.samplingNote}</p>
      {samplingForm.map((field) => (
        <Field key={`${generation} ${field.name}`} field={field} value={sampling[field.name]} onValue={(value) => dispatch({ type: "sampling", field: field.name, value })} />
      ))}
      <button type="button" class="link" onClick={reset}>{strings.defaults}</button>
    </aside>
  );
}

interface FieldProps {
  readonly field: SamplingField;
  readonly value: PlaygroundSampling[keyof PlaygroundSampling];
  readonly onValue: (value: number | undefined) => void;
}

function Field({ field, value, onValue }: FieldProps) {
  const [text, setText] = useState(value === undefined ? "" : String(value));
  const invalid = readField(field, text).type === "invalid";
  const onInput = (next: string) => {
    setText(next);
    const typed = readField(field, next);
    // What is not a value yet applies no more than an empty field would.
    onValue(typed.type === "value" ? typed.value : undefined);
  };
  const hint = `hint-${field.name}`;
  return (
    <label class="field number">
      <span class="label">{field.label}</span>
      <input
        type="text" inputMode="decimal" autocomplete="off" name={field.name} value={text} placeholder={field.placeholder} aria-describedby={hint} aria-invalid={invalid}
        onInput={(input) => onInput(input.currentTarget.value)}
      />
      <span class="hint" id={hint}>
        {invalid ? <span class="invalid">{strings.invalid(field.min, field.max, field.whole)}</span> : field.meaning}
      </span>
    </label>
  );
}

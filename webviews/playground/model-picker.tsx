import type { ModelStatus } from "../../protocol/api/inferno.ts";
import { formatCount, formatShare } from "../shared/format.ts";
import { MarkedText } from "../shared/marked-text.tsx";
import { useSelect } from "../shared/store.ts";
import type { Parts } from "./app.tsx";
import { chats, currentModel } from "./model.ts";
import { strings } from "./strings.ts";

const icons = { unloaded: "circle-large", downloading: "cloud-download", loading: "loading", ready: "pass-filled", failed: "error" } as const;

/** Which model answers, and how it is. */
export function ModelPicker({ store, dispatch }: Pick<Parts, "store" | "dispatch">) {
  const models = useSelect(store, (state) => state.models);
  const name = useSelect(store, (state) => state.model);
  const model = useSelect(store, currentModel);
  const offline = useSelect(store, (state) => state.offline !== null);
  if (models === null) {
    if (offline) return null;
    return (
      <span class="state" role="status">
        <vscode-icon name="loading" spin />
        {strings.connecting}
      </span>
    );
  }
  const missing = name !== null && model === null;
  return (
    <>
      <select class="picker" id="model" aria-label={strings.model} value={name ?? ""} onChange={(change) => dispatch({ type: "choose", model: change.currentTarget.value })}>
        {missing && <option value={name} selected>{name}</option>}
        {models.length === 0 && name === null && <option value="">{strings.noModelsTitle}</option>}
        {models.map((choice) => (
          <option key={choice.name} value={choice.name} disabled={!chats(choice)} selected={choice.name === name}>
            {chats(choice) ? choice.name : `${choice.name} (${strings.completionOnly})`}
          </option>
        ))}
      </select>
      {model !== null && <State model={model} />}
      {models.length === 0 && <span class="state"><MarkedText text={strings.noModelsText} /></span>}
    </>
  );
}

function State({ model }: { readonly model: ModelStatus }) {
  const progress = model.progress !== null && (model.state === "loading" || model.state === "downloading") ? ` ${formatShare(model.progress).replace(/\.\d/, "")}` : "";
  const reason = model.state === "failed" && model.error !== null ? `: ${model.error.message}` : "";
  const facts = [model.info?.quantization, model.context === null ? undefined : strings.context(formatCount(model.context))].filter((fact) => fact !== undefined);
  return (
    <span class="state" role="status" data-state={model.state} title={model.error === null ? undefined : `${model.error.message}\n${model.error.hint}`}>
      <vscode-icon name={icons[model.state]} spin={model.state === "loading"} />
      <span class="state-text">
        {strings.state[model.state]}
        {progress}
        {reason}
        {model.state === "ready" && facts.length > 0 && <span class="muted"> · {facts.join(" · ")}</span>}
      </span>
    </span>
  );
}

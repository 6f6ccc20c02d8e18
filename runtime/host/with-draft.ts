import type { MemoryParts, ModelMemory } from "../../protocol/model.ts";

/** A model's figures and those of its draft model, which was loaded last: the process's are after both. What each device needs was said for both. */
export function withDraft(model: ModelMemory | null, draft: ModelMemory | null): ModelMemory | null {
  if (model === null || draft === null) return model;
  const { rss, anonymous } = draft.measured;
  return {
    predicted: model.predicted && draft.predicted && sum(model.predicted, draft.predicted),
    measured: { ...sum(model.measured, draft.measured), rss, anonymous },
    devices: model.devices,
    models: [...model.models, ...draft.models],
  };
}

const sum = (a: MemoryParts, b: MemoryParts): MemoryParts => ({ weights: a.weights + b.weights, kv: a.kv + b.kv, compute: a.compute + b.compute, total: a.total + b.total });

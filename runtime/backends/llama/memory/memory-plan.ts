import { basename } from "node:path";
import { DisposableStore, toDisposable } from "../../../../base/disposable.ts";
import type { ModelMemory } from "../../../../protocol/model.ts";
import type { EmbedderForecast, GenerationForecast, LoadOptions, MemoryForecast } from "../../backend.ts";
import { draftOptions } from "../../../speculation/draft-options.ts";
import { doesNotFit } from "../../memory-refusal.ts";
import { checkModelFile } from "../model-file.ts";
import type { Library } from "../native/library.ts";
import { freeMemory } from "./device-memory.ts";
import { forecast } from "./forecast.ts";
import { measureMemory } from "./measured.ts";
import { PlannedModel } from "./planned-model.ts";

/** More than any model has: all of them go to the GPU. */
const allLayers = 1_000_000;

/** Whether the model would fit, with its draft model where it has one, from loads that allocate nothing. `layers` of it on a GPU. */
export function forecastMemory(library: Library, options: LoadOptions, layers: number): GenerationForecast {
  const resources = new DisposableStore();
  const plan = (of: LoadOptions, onGpu: number): PlannedModel => {
    const planned = new PlannedModel(library, of, onGpu);
    resources.add(toDisposable(() => planned.dispose()));
    return planned;
  };
  const free = freeMemory(library);
  try {
    const model = plan(options, layers);
    const context = model.contextOf(options.context);
    const { draft: path } = options;
    // Without a state that can be cut back nothing is guessed, and no draft model loaded.
    if (path === undefined || !model.truncates) return forecast({ options, context, free, predict: (changed) => [model.predict(changed)] });
    checkModelFile(library, path);
    const withDraft = (onGpu: number): GenerationForecast => {
      const draft = plan({ ...options, path, adapters: [] }, onGpu);
      const predict = (changed: LoadOptions) => [model.predict(changed), draft.predict(draftOptions(changed, path, model.layoutOf(changed).context))];
      return forecast({ options, context, free, predict });
    };
    if (layers === 0 || options.gpuLayers !== "auto") return withDraft(layers === 0 ? 0 : Number(options.gpuLayers));
    // Where the model leaves no room for it on the GPU, it computes beside.
    const onGpu = withDraft(allLayers);
    return onGpu.fits ? onGpu : withDraft(0);
  } finally {
    resources.dispose();
  }
}

/**
 * Called before loading: throws `model_does_not_fit` unless `checkMemory` is off. What it returns is called with the log lines of the model's own
 * load, and says what was predicted and what came of it. A draft model says its part itself.
 */
export function planMemory(options: LoadOptions, predicted: GenerationForecast | EmbedderForecast): (lines: readonly string[]) => ModelMemory {
  if (!predicted.fits && options.checkMemory) throw doesNotFit(options.path, predicted);
  const own = partsOf(predicted);
  return (lines) => {
    const { rss, anonymous, ...measured } = measureMemory(lines);
    return {
      predicted: own, measured: { ...measured, rss, anonymous },
      devices: predicted.devices.map(({ name, total, free }) => ({ name, predicted: total, free: free ?? 0 })),
      models: [{ name: basename(options.path), predicted: own, measured }],
    };
  };
}

function partsOf({ models: [model] }: MemoryForecast): ModelMemory["predicted"] {
  if (model === undefined) return null;
  const { weights, kv, compute, total } = model;
  return { weights, kv, compute, total };
}

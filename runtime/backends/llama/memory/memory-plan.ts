import type { ModelMemory } from "../../../../protocol/model.ts";
import type { LoadOptions, MemoryForecast } from "../../backend.ts";
import { chooseLayout, contextParams } from "../context-params.ts";
import { chooseContext, modelParams } from "../model.ts";
import type { llama_context_params } from "../native/llama.generated.ts";
import type { Library } from "../native/library.ts";
import { freeMemory } from "./device-memory.ts";
import { totalOf } from "./device-need.ts";
import { DryModel } from "./dry-model.ts";
import { forecast } from "./forecast.ts";
import { measureMemory } from "./measured.ts";
import { doesNotFit } from "./refusal.ts";

/** The same parameters as the real load takes: only so is the prediction about that load. `layers` of it on a GPU. */
function parametersOf({ binding }: Library, dry: DryModel, layers: number): (options: LoadOptions) => llama_context_params {
  return (options) => contextParams(binding, options, chooseLayout(options, options.context ?? 0, dry.truncates), layers > 0);
}

/** Whether the model would fit, from a load that allocates nothing. */
export function forecastMemory(library: Library, options: LoadOptions, layers: number): MemoryForecast {
  const dry = new DryModel(library, options.path, modelParams(library.binding, layers), options.adapters.map(({ path }) => path));
  const parameters = parametersOf(library, dry, layers);
  try {
    return forecast({
      options, context: chooseContext(options.path, options.context, dry.trainedContext), free: freeMemory(library),
      predict: (changed) => dry.predict(parameters(changed)),
    });
  } finally {
    dry.dispose();
  }
}

/**
 * Called before loading: throws `model_does_not_fit` unless `checkMemory` is off. What it returns is called with the log lines of the load,
 * and says what was predicted and what came of it.
 */
export function planMemory(library: Library, options: LoadOptions, layers: number): (lines: readonly string[]) => ModelMemory {
  const predicted = forecastMemory(library, options, layers);
  if (!predicted.fits && options.checkMemory) throw doesNotFit(options.path, predicted);
  return (lines) => ({
    predicted: totalOf(predicted.devices),
    measured: measureMemory(lines),
    devices: predicted.devices.map(({ name, total, free }) => ({ name, predicted: total, free: free ?? 0 })),
  });
}

import type { ModelMemory } from "../../../../protocol/model.ts";
import type { LoadOptions, MemoryForecast } from "../../backend.ts";
import type { llama_context_params, llama_model_params } from "../native/llama.generated.ts";
import type { Library } from "../native/library.ts";
import { freeMemory } from "./device-memory.ts";
import { totalOf } from "./device-need.ts";
import { DryModel } from "./dry-model.ts";
import { forecast } from "./forecast.ts";
import { measureMemory } from "./measured.ts";
import { doesNotFit } from "./refusal.ts";

/** The same parameters as the real load takes: only so is the prediction about that load. */
export interface LoadParameters {
  readonly model: llama_model_params;
  /** Tokens of context for each request; throws for more than the model can make sense of. */
  context(options: LoadOptions, trained: number): number;
  /** `options.context` is set. */
  contextParams(options: LoadOptions): llama_context_params;
}

/** Whether the model would fit, from a load that allocates nothing. */
export function forecastMemory(library: Library, options: LoadOptions, parameters: LoadParameters): MemoryForecast {
  const dry = new DryModel(library, options.path, parameters.model, options.adapters.map(({ path }) => path));
  try {
    return forecast({
      options, context: parameters.context(options, dry.trainedContext), free: freeMemory(library),
      predict: (changed) => dry.predict(parameters.contextParams(changed)),
    });
  } finally {
    dry.dispose();
  }
}

/**
 * Called before loading: throws `model_does_not_fit` unless `checkMemory` is off. What it returns is called with the log lines of the load,
 * and says what was predicted and what came of it.
 */
export function planMemory(library: Library, options: LoadOptions, parameters: LoadParameters): (lines: readonly string[]) => ModelMemory {
  const predicted = forecastMemory(library, options, parameters);
  if (!predicted.fits && options.checkMemory) throw doesNotFit(options.path, predicted);
  return (lines) => ({
    predicted: totalOf(predicted.devices),
    measured: measureMemory(lines),
    devices: predicted.devices.map(({ name, total, free }) => ({ name, predicted: total, free: free ?? 0 })),
  });
}

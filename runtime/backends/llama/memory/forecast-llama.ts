import { takenStep } from "../../../gpu/chain.ts";
import type { ForecastMemory } from "../../backend.ts";
import { checkModelFile } from "../model-file.ts";
import { openLibrary } from "../native/library.ts";
import { findPlace, placeLayers } from "../placement.ts";
import { forecastMemory } from "./memory-plan.ts";

/** For `inferno fit`: nothing is loaded. */
export function forecastLlama({ home }: { readonly home: string }): ForecastMemory {
  return async (options) => {
    const steps = await findPlace(options, home);
    const library = openLibrary(takenStep(steps).folder);
    checkModelFile(library, options.path);
    return forecastMemory(library, options, placeLayers(library, options, steps).layers);
  };
}

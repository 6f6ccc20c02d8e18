import type { ForecastMemory } from "../../backend.ts";
import { checkModelFile } from "../model-file.ts";
import { findLibraryFolder } from "../native/folder.ts";
import { openLibrary } from "../native/library.ts";
import { forecastMemory } from "./memory-plan.ts";

/** For `inferno fit`: nothing is loaded. */
export function forecastLlama({ home }: { readonly home: string }): ForecastMemory {
  return async (options) => {
    const layers = options.gpuLayers === "auto" ? 0 : options.gpuLayers;
    const { platform, arch } = process;
    const library = openLibrary(findLibraryFolder({ platform, arch, from: import.meta.dirname, home, gpu: layers > 0 }));
    checkModelFile(library, options.path);
    return forecastMemory(library, options, layers);
  };
}

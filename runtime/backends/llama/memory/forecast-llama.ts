import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { takenStep } from "../../../gpu/chain.ts";
import type { EmbedderForecast, GenerationForecast, LoadOptions } from "../../backend.ts";
import type { EmbedderOptions } from "../../embedder.ts";
import { checkEmbedderFile } from "../load-embedder.ts";
import { checkModelFile } from "../model-file.ts";
import { findLibraryFolder } from "../native/folder.ts";
import { openLibrary } from "../native/library.ts";
import { findPlace, placeLayers } from "../placement.ts";
import { forecastEmbedder } from "./embedder-forecast.ts";
import { forecastMemory } from "./memory-plan.ts";

interface Environment {
  readonly home: string;
}

/** For `inferno fit`: nothing is loaded. */
export async function forecastGeneration({ home }: Environment, options: LoadOptions): Promise<GenerationForecast> {
  const steps = await findPlace(options, home);
  const library = openLibrary(takenStep(steps).folder);
  checkModelFile(library, options.path);
  return forecastMemory(library, options, placeLayers(library, options, steps).layers);
}

/** The same for a model that embeds or reranks, which computes on the processor. */
export async function forecastVectors({ home }: Environment, options: EmbedderOptions): Promise<EmbedderForecast> {
  const { platform, arch } = process;
  const library = openLibrary(findLibraryFolder({ platform, arch, from: dirname(fileURLToPath(import.meta.url)), home, gpu: "cpu" }));
  checkEmbedderFile(library, options);
  return forecastEmbedder(library, options);
}

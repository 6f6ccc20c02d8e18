import { basename } from "node:path";
import type { EmbedderForecast } from "../../backend.ts";
import type { EmbedderLimits, EmbedderOptions } from "../../embedder.ts";
import { contextOf, embedderLimits, embedderParams } from "../embedder-params.ts";
import { modelParams } from "../model.ts";
import type { Library } from "../native/library.ts";
import { freeMemory } from "./device-memory.ts";
import { DryModel } from "./dry-model.ts";
import { allFit, memoryNeeds } from "./forecast.ts";
import { largestThatFits } from "./largest.ts";

/** Shorter texts than these are no use to look for one by one. */
const contextStep = 64;

/** Whether a model that embeds or reranks would fit. It keeps nothing between two batches: what it needs are its weights and one batch's buffers. */
export function forecastEmbedder(library: Library, options: EmbedderOptions): EmbedderForecast {
  const { binding } = library;
  const dry = new DryModel(library, options.path, modelParams(binding, 0));
  try {
    const free = freeMemory(library);
    const predict = (limits: EmbedderLimits) => [{ name: basename(options.path), needs: dry.predict(embedderParams(binding, dry.native, options, limits)) }];
    const limits = embedderLimits(options, contextOf(options, dry.trainedContext));
    const needs = memoryNeeds(predict(limits), free);
    const { context, tokens: batch } = limits;
    const fits = (tokens: number): boolean => allFit(predict({ ...limits, context: Math.min(context, tokens), tokens }), free);
    const most = needs.fits ? null : largestThatFits(batch, contextStep, fits);
    return { kind: "embedding", ...needs, context, batch, largestContext: most && Math.min(most, context) };
  } finally {
    dry.dispose();
  }
}

import type { KvType } from "../../../../protocol/config.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { GenerationForecast, LoadOptions, MemoryNeeds } from "../../backend.ts";
import { shortOf, together, totalOf, type ModelNeed } from "./device-need.ts";
import { largestThatFits } from "./largest.ts";

/** llama.cpp rounds a KV cache up to this many cells: what lies between takes the same memory. */
const contextStep = 256;
/** Smaller number formats of the KV cache, the better one first. */
const smallerTypes: readonly KvType[] = ["q8_0", "q4_0"];
const bitsOf: Readonly<Record<KvType, number>> = { f32: 32, f16: 16, bf16: 16, q8_0: 8.5, q5_1: 6, q5_0: 5.5, q4_1: 5, q4_0: 4.5 };

export interface ForecastInput {
  readonly options: LoadOptions;
  /** Tokens of context for each request, where the options leave it open. */
  readonly context: number;
  /** For each file that is loaded, the model itself first. */
  readonly predict: (options: LoadOptions) => readonly ModelNeed[];
  /** Free bytes by device. */
  readonly free: ReadonlyMap<string, number>;
}

/** Whether a model fits as it is configured, and if not, which single change would make it fit. */
export function forecast({ options, context, predict, free }: ForecastInput): GenerationForecast {
  const asked: LoadOptions = { ...options, context };
  const needs = memoryNeeds(predict(asked), free);
  const { fits } = needs;
  const fitsWith = (change: Partial<LoadOptions>): boolean => {
    try {
      return allFit(predict({ ...asked, ...change }), free);
    } catch (error) {
      // A number format that does not suit the model's heads, for one, is no way out.
      if (error instanceof InfernoError) return false;
      throw error;
    }
  };
  const { parallel, kvType, kvCells, flashAttention } = options;
  return {
    kind: "generation", ...needs, context, parallel, kvType, kvCells: kvCells ?? context * parallel,
    largestContext: fits ? null : largestThatFits(context, contextStep, (smaller) => fitsWith({ context: smaller, kvCells: smallerCells(smaller * parallel, kvCells) })),
    largestKvCells: fits || kvCells === undefined ? null : largestThatFits(kvCells, contextStep, (cells) => fitsWith({ kvCells: cells })),
    smallerParallel: fits || kvCells !== undefined ? null : largestThatFits(parallel, 1, (fewer) => fitsWith({ parallel: fewer })),
    smallerKvType: fits || flashAttention === "off"
      ? null
      : smallerTypes.find((type) => bitsOf[type] < bitsOf[kvType] && fitsWith({ kvType: type })) ?? null,
  };
}

type Free = ForecastInput["free"];

export const allFit = (models: readonly ModelNeed[], free: Free): boolean => shortOf(together(models), free) === undefined;

export const memoryNeeds = (models: readonly ModelNeed[], free: Free): MemoryNeeds => ({
  fits: allFit(models, free),
  devices: together(models).map(({ device, ...parts }) => ({ name: device, ...parts, free: free.get(device) ?? null })),
  models: models.map(({ name, needs }) => ({ name, ...totalOf(needs) })),
});

/** A configured number of cells that would be more than the smaller context can use comes down with it. */
const smallerCells = (needed: number, configured: number | undefined): number | undefined => configured && Math.min(configured, needed);

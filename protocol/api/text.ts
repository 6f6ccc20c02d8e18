import { z } from "zod";
import { profile } from "./profile.ts";
import { LabelScore } from "./vision.ts";

/** Bodies of the routes that label texts. */

const model = z.string().min(1).meta({ description: "Model name." });
const input = z.union([z.string(), z.array(z.string()).min(1).max(2048)]).meta({ description: "A text, or up to 2048." });
const usage = z.object({ prompt_tokens: z.int(), total_tokens: z.int() });

export const TextClassifyRequest = z.object({ model, input, top: z.int().min(1).max(1000).optional().meta({ description: "The best so many labels. Default: all." }), profile }).meta({ id: "TextClassifyRequest" });
export const TextClassifyResponse = z.object({ model: z.string(), results: z.array(z.object({ index: z.int(), labels: z.array(LabelScore) })), usage }).meta({ id: "TextClassifyResponse" });

export const EntitiesRequest = z.object({ model, input, profile }).meta({ id: "EntitiesRequest" });
export const EntitiesResponse = z.object({
  model: z.string(),
  results: z.array(z.object({
    index: z.int(),
    entities: z.array(LabelScore.extend({ text: z.string(), start: z.int().meta({ description: "In UTF-16 units." }), end: z.int() })),
  })),
  usage,
}).meta({ id: "EntitiesResponse" });

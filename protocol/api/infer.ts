import { z } from "zod";
import { tensorTypes } from "../infer.ts";
import { profile } from "./profile.ts";

/** Tensors in, tensors out: as JSON, or both ways as one safetensors file with the media type below. */

export const safetensorsType = "application/x-safetensors";

export const TensorJson = z.object({
  type: z.enum(tensorTypes).default("float32"),
  shape: z.array(z.int().min(0)).max(16),
  data: z.union([z.array(z.union([z.number(), z.boolean(), z.string()])), z.string()]).meta({
    description: "The values, row by row; 64-bit integers beyond 2⁵³ as texts, NaN and the infinities as `\"NaN\"`, `\"Infinity\"`, `\"-Infinity\"`. Or all bytes, little endian, in base64.",
  }),
}).meta({ id: "Tensor" });
export type TensorJson = z.infer<typeof TensorJson>;

export const InferQuery = z.object({
  model: z.string().min(1).optional().meta({ description: "Model name, where the body is bytes." }),
  profile,
});

export const InferRequest = z.object({
  model: z.string().min(1).meta({ description: "Model name." }),
  inputs: z.record(z.string(), TensorJson).meta({ description: "By the names of the graph's inputs." }),
  outputs: z.array(z.string()).min(1).optional().meta({ description: "The outputs wanted. Default: all." }),
  encoding: z.enum(["json", "base64"]).default("json").meta({ description: "How the answer's values are written." }),
  profile,
}).meta({ id: "InferRequest" });
export type InferRequest = z.infer<typeof InferRequest>;
export const InferResponse = z.object({ model: z.string(), outputs: z.record(z.string(), TensorJson) }).meta({ id: "InferResponse" });

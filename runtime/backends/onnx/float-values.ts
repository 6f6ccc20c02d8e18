import { InfernoError } from "../../../protocol/errors.ts";
import { fromHalves } from "../../../base/halves.ts";
import type { Tensor } from "./tensors.ts";

/** An output of numbers in single precision, whatever precision the graph computes in. Throws `manifest_invalid` for an output of anything else. */
export function floatValues(tensor: Tensor, name: string): Float32Array {
  switch (tensor.type) {
    case "float32": return tensor.data;
    case "float16": return fromHalves(tensor.data);
    case "float64": return Float32Array.from(tensor.data);
    default: throw new InfernoError("manifest_invalid", `output: ${name} is ${tensor.type}, where floating-point numbers are expected.`);
  }
}

/**
 * Throws `inference_failed` for NaN. Whoever looks for the greatest value or for those above a threshold finds none among NaN, and would answer that there is
 * nothing: no text, no thing in the image.
 */
export function withoutNaN(values: Float32Array, name: string): Float32Array {
  for (let index = 0; index < values.length; index += 1) if (Number.isNaN(values[index])) throw noNumber(values[index]!, name);
  return values;
}

/** The same for what is answered as it is; infinities count too, for JSON has neither. */
export function finite(values: Float32Array, name: string): Float32Array {
  for (let index = 0; index < values.length; index += 1) if (!Number.isFinite(values[index])) throw noNumber(values[index]!, name);
  return values;
}

const noNumber = (value: number, name: string): InfernoError => new InfernoError("inference_failed", `The graph gave ${value} in its ${name}, which is no answer.`, {
  hint: "Its weights are damaged, or it overflows in half precision: take the file in another precision, or check it with `inferno inspect`.",
});

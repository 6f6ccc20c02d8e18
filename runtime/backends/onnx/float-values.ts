import { InfernoError } from "../../../protocol/errors.ts";
import { fromHalves } from "../../quantize/kernels/half.ts";
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

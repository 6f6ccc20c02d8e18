import { InfernoError } from "../../../../protocol/errors.ts";
import { floatValues, withoutNaN } from "../float-values.ts";
import type { Session } from "../session.ts";
import { float32, type Tensor, type Tensors } from "../tensors.ts";

/** The output of this name, or the graph's output at `position`. Throws InfernoError `manifest_invalid`. */
export function outputName(session: Session, name: string | undefined, position: number): string {
  const output = name === undefined ? session.outputs[position] : session.outputs.find((value) => value.name === name);
  if (output !== undefined) return output.name;
  const names = session.outputs.map((value) => value.name).join(", ");
  throw new InfernoError("manifest_invalid", name === undefined ? `The graph has ${session.outputs.length} outputs (${names}); the task needs ${position + 1}.` : `The graph has no output "${name}"; it has ${names}.`);
}

/** The values of an output, whatever precision the graph computes in. Throws InfernoError `inference_failed` when it is missing or has NaN in it, `manifest_invalid` when it is not of floating-point numbers. */
export function floatOutput(outputs: Tensors, name: string): Tensor<"float32"> {
  const output = outputs[name];
  if (output === undefined) throw new InfernoError("inference_failed", `The graph gave no output "${name}".`);
  return float32(withoutNaN(floatValues(output, name), `output ${name}`), output.shape);
}

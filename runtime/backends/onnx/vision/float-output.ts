import { InfernoError } from "../../../../protocol/errors.ts";
import type { Session } from "../session.ts";
import type { Tensor, Tensors } from "../tensors.ts";

/** The output of this name, or the graph's output at `position`. Throws InfernoError `manifest_invalid`. */
export function outputName(session: Session, name: string | undefined, position: number): string {
  const output = name === undefined ? session.outputs[position] : session.outputs.find((value) => value.name === name);
  if (output !== undefined) return output.name;
  const names = session.outputs.map((value) => value.name).join(", ");
  throw new InfernoError("manifest_invalid", name === undefined ? `The graph has ${session.outputs.length} outputs (${names}); the task needs ${position + 1}.` : `The graph has no output "${name}"; it has ${names}.`);
}

/** The values of an output. Throws InfernoError `inference_failed` when they are not float32. */
export function floatOutput(outputs: Tensors, name: string): Extract<Tensor, { readonly type: "float32" }> {
  const output = outputs[name];
  if (output?.type === "float32") return output;
  throw new InfernoError("inference_failed", `The graph's output "${name}" is ${output === undefined ? "missing" : output.type}; the task reads float32.`);
}

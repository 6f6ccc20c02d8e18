import { InfernoError } from "../../../../protocol/errors.ts";
import type { Session } from "../session.ts";

/** The one input of a graph of a known kind. Throws InfernoError `manifest_invalid`; `part` is the manifest's field. */
export function graphInput(session: Session, part: string, rank: number): string {
  const [input, ...others] = session.inputs;
  const fits = input !== undefined && others.length === 0 && input.type === "float32" && (input.shape.length === 0 || input.shape.length === rank);
  if (fits) return input.name;
  const found = session.inputs.map(({ name, type, shape }) => `${name}: ${type} [${shape.join(", ")}]`).join(", ");
  throw new InfernoError("manifest_invalid", `${part}.model: one float32 input with ${rank} dimensions was expected; the graph has ${found}.`);
}

/** Its first output. */
export function graphOutput(session: Session, part: string): string {
  const [output] = session.outputs;
  if (output?.type === "float32") return output.name;
  throw new InfernoError("manifest_invalid", `${part}.model: the first output should be float32; it is ${output?.type ?? "missing"}.`);
}

import { assert } from "../../../../base/assert.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import { noSuchTensor } from "../../../../protocol/manifest-check.ts";
import { floatValues } from "../float-values.ts";
import type { GraphValue } from "../session.ts";
import type { Tensors } from "../tensors.ts";

/** Throws `manifest_invalid` for a tensor of the manifest that the graph does not have. `where`: what the graph's values are. */
export function checkNames(where: "input" | "output", values: readonly GraphValue[], names: Readonly<Record<string, string | null>>): void {
  for (const [key, name] of Object.entries(names)) {
    if (name === null || values.some((value) => value.name === name)) continue;
    throw new InfernoError("manifest_invalid", noSuchTensor(`tensors.${key}`, where, name, values.map((value) => value.name)));
  }
}

/** Throws `manifest_invalid` for an input of another type than what is fed to it: in a request, that would look like the client's mistake. */
export function checkType(key: string, { name, type }: GraphValue, ...expected: readonly GraphValue["type"][]): void {
  if (!expected.includes(type)) throw new InfernoError("manifest_invalid", `${key}: the graph's input ${name} is ${type}, not ${expected.join(" or ")}.`, { hint: "Export the graph with inputs of that type." });
}

/** The same of the inputs that a manifest names; null: there is none. */
export function checkInputs(values: readonly GraphValue[], inputs: Readonly<Record<string, readonly [name: string | null, ...types: readonly GraphValue["type"][]]>>): void {
  checkNames("input", values, Object.fromEntries(Object.entries(inputs).map(([key, [name]]) => [key, name])));
  for (const [key, [name, ...types]] of Object.entries(inputs)) if (name !== null) checkType(`tensors.${key}`, valueNamed(values, name), ...types);
}

export function valueNamed(values: readonly GraphValue[], name: string): GraphValue {
  const value = values.find((candidate) => candidate.name === name);
  assert(value !== undefined, "names are checked when a model is loaded");
  return value;
}

/** The shape of one input alone. */
export const freeAsOne = (shape: GraphValue["shape"]): number[] => shape.map((size) => typeof size === "number" ? size : 1);

export function floatsOf(outputs: Tensors, name: string): Float32Array {
  const tensor = outputs[name];
  assert(tensor !== undefined, "an output that was asked for");
  return floatValues(tensor, name);
}

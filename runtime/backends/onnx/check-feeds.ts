import { InfernoError } from "../../../protocol/errors.ts";
import { didYouMean } from "../../../base/near.ts";
import type { GraphValue } from "./session.ts";
import { describe, sizeOf, type Tensor, type Tensors } from "./tensors.ts";

/** Throws `tensor_mismatch` unless the feeds are what the graph takes; the message says what it takes. */
export function checkFeeds(feeds: Tensors, inputs: readonly GraphValue[]): void {
  for (const input of inputs) {
    const tensor = feeds[input.name];
    if (tensor === undefined) throw mismatch(input.name, `The graph's input "${input.name}" is missing; it takes ${signature(inputs)}.`);
    checkOne(tensor, input);
  }
  const names = inputs.map(({ name }) => name);
  const unknown = Object.keys(feeds).find((name) => !names.includes(name));
  if (unknown !== undefined) throw mismatch(unknown, `The graph has no input "${unknown}"; it takes ${signature(inputs)}.${didYouMean(unknown, names)}`);
}

/** The same of the names of outputs. */
export function checkWanted(wanted: readonly string[], outputs: readonly GraphValue[]): void {
  const names = outputs.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new InfernoError("tensor_mismatch", `The graph has no output "${unknown}"; it has ${signature(outputs)}.${didYouMean(unknown, names)}`, { param: "outputs" });
}

const signature = (values: readonly GraphValue[]): string => values.map(({ name, type, shape }) => `${name}: ${describe(type, shape)}`).join(", ") || "none";

function checkOne(tensor: Tensor, { name, type, shape }: GraphValue): void {
  const got = describe(tensor.type, tensor.shape);
  const fail = (): never => {
    throw mismatch(name, `The graph's input "${name}" is ${describe(type, shape)}, and the tensor is ${got}.`);
  };
  if (tensor.type !== type) fail();
  // No sizes are those of a scalar, or of a graph that does not say them.
  if (shape.length > 0 && (tensor.shape.length !== shape.length || shape.some((size, index) => typeof size === "number" && size !== tensor.shape[index]))) fail();
  if (tensor.data.length !== sizeOf(tensor.shape)) throw mismatch(name, `The tensor "${name}" is ${got} and has ${tensor.data.length} values.`);
  // The engine takes texts as C does and would drop the rest without a word.
  if (tensor.type === "string" && tensor.data.some((text) => text.includes("\0"))) throw mismatch(name, `The tensor "${name}" has a text with a NUL character in it, which onnxruntime cannot take.`);
}

const mismatch = (name: string, message: string) => new InfernoError("tensor_mismatch", message, { param: `inputs.${name}` });

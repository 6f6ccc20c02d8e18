import type { NodeProto, TensorProto } from "onnx-buf";
import type { Scope } from "./draft.ts";
import { isOp } from "./sites.ts";

/**
 * Puts other tensors in a weight's place and lets nodes make the weight of them, under its old name: whoever reads it, in this graph
 * or below, need not be changed.
 */
export function storeAs(scope: Scope, name: string, made: readonly NodeProto[]): void {
  const { graph, initializers, producers } = scope;
  graph.initializer = graph.initializer.filter((tensor) => tensor.name !== name);
  initializers.delete(name);
  const constant = producers.get(name);
  graph.node = [...made, ...graph.node.filter((node) => node !== constant)];
  for (const node of made) for (const output of node.output) producers.set(output, node);
}

export interface OwnWeight {
  /** What its readers call it. */
  readonly name: string;
  readonly tensor: TensorProto;
}

/** Weights of a graph that have a value nobody can change from outside: initializers, not defaults of inputs, and constants, as which some exporters write them all. */
export function ownWeights({ graph, inputs }: Scope): OwnWeight[] {
  const initializers = graph.initializer.filter(({ name }) => !inputs.has(name)).map((tensor) => ({ name: tensor.name, tensor }));
  const constants = graph.node.filter((item) => isOp(item, "Constant")).flatMap(({ output: [name = ""], attribute }) => attribute.flatMap(({ name: key, t }) => (key === "value" && t !== undefined ? [{ name, tensor: t }] : [])));
  return [...initializers, ...constants];
}

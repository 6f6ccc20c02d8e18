import type { NodeProto, TensorProto } from "onnx-buf";
import type { Scope } from "./draft.ts";

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

/** Weights of a graph that have a value nobody can change from outside: initializers, not defaults of inputs. */
export const ownWeights = ({ graph, inputs }: Scope): TensorProto[] => graph.initializer.filter(({ name }) => !inputs.has(name));

import type { GraphProto, ModelProto, NodeProto } from "onnx-buf";
import { allGraphs } from "../onnx-file/graphs.ts";

/** Names that some node or graph output of any graph asks for. */
export function usedNames(model: ModelProto): Set<string> {
  const used = new Set<string>();
  for (const { graph } of allGraphs(model)) {
    for (const { name } of graph.output) used.add(name);
    for (const node of graph.node) for (const name of node.input) used.add(name);
  }
  return used;
}

/** Removes weights that nothing asks for any more, and the nodes that only led from them. What was unused in the original stays. */
export function sweep(model: ModelProto, usedBefore: ReadonlySet<string>): void {
  for (let changed = true; changed;) {
    changed = false;
    const used = usedNames(model);
    const orphaned = (name: string): boolean => usedBefore.has(name) && !used.has(name);
    for (const { graph } of allGraphs(model)) changed = sweepGraph(graph, orphaned) || changed;
  }
}

function sweepGraph(graph: GraphProto, orphaned: (name: string) => boolean): boolean {
  const given = new Set(graph.input.map(({ name }) => name));
  const nodes = graph.node.filter(({ output }) => output.length === 0 || !output.every((name) => name === "" || orphaned(name)));
  const initializers = graph.initializer.filter(({ name }) => given.has(name) || !orphaned(name));
  const changed = nodes.length < graph.node.length || initializers.length < graph.initializer.length;
  graph.node = nodes;
  graph.initializer = initializers;
  return changed;
}

/** Puts other nodes in the place of some. */
export function replaceNodes(graph: GraphProto, replacements: ReadonlyMap<NodeProto, readonly NodeProto[]>): void {
  graph.node = graph.node.flatMap((node) => replacements.get(node) ?? [node]);
}

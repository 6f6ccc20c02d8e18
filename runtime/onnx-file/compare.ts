import type { GraphProto, ModelProto, NodeProto } from "onnx-buf";
import type { GraphComparison, NodeName } from "../../protocol/graph.ts";
import { allGraphs, subGraphs } from "./graphs.ts";
import { operatorCounts } from "./inspect.ts";
import { operatorName } from "./values.ts";

type Changes = Pick<GraphComparison, "unchanged" | "fusions" | "replaced" | "inserted" | "folded" | "removed">;

/** How onnxruntime calls the node that it puts in another layout in the place of the node (or nodes) that made this value. */
const otherLayout = "_nchwc";

/**
 * Which nodes went, which came, and which old ones a new one does the work of. The optimizer keeps the names of values where it can:
 * a new node took what lies, in the graph before, between the values that it makes and those that it reads.
 */
export function compareModels(before: ModelProto, after: ModelProto): GraphComparison {
  const changes: Changes = { unchanged: 0, fusions: [], replaced: [], inserted: [], folded: [], removed: [] };
  if (before.graph !== undefined && after.graph !== undefined) compareGraphs(before.graph, after.graph, [], new Set(), changes);
  const [old, now] = [before, after].map((model) => [...allGraphs(model)].flatMap(({ graph }) => graph.node.map((node) => ({ operator: operatorName(node) })))) as [NodeName[], NodeName[]];
  return { before: old.length, after: now.length, operators: operatorChanges(old, now), ...changes };
}

function operatorChanges(before: readonly NodeName[], after: readonly NodeName[]): GraphComparison["operators"] {
  const [old, now] = [before, after].map((nodes) => new Map(operatorCounts(nodes).map(({ operator, count }) => [operator, count]))) as [Map<string, number>, Map<string, number>];
  const all = [...new Set([...old.keys(), ...now.keys()])].map((operator) => ({ operator, before: old.get(operator) ?? 0, after: now.get(operator) ?? 0 }));
  const change = (row: GraphComparison["operators"][number]): number => Math.abs(row.after - row.before);
  return all.sort((a, b) => change(b) - change(a) || b.before - a.before);
}

function compareGraphs(before: GraphProto, after: GraphProto, path: readonly string[], outerConstants: ReadonlySet<string>, changes: Changes): void {
  const graph = path.join(" › ");
  const makers = new Map(before.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const constants = constantValues(before, outerConstants);
  const same = sameNodes(before, after, makers);
  const kept = new Set(same.values());
  const oldName = oldNames(after, makers);
  const claimed = new Set<NodeProto>();
  const order = new Map(before.node.map((node, index) => [node, index]));
  for (const node of after.node) {
    const old = same.get(node);
    const took = slice(node, old, { makers, order, kept, claimed, constants, oldName });
    if (took.length > 1) changes.fusions.push({ ...named(node), graph, took: took.map(named) });
    else if (old !== undefined) changes.unchanged++;
    else if (took.length === 1) changes.replaced.push({ ...named(node), graph, took: took.map(named) });
    else changes.inserted.push({ ...named(node), graph });
    if (old === undefined) continue;
    const branches = new Map(subGraphs(node).map((inner) => [inner.attribute, inner.graph]));
    for (const { attribute, graph: branch } of subGraphs(old)) {
      const now = branches.get(attribute);
      if (now !== undefined) compareGraphs(branch, now, [...path, old.name || old.opType, attribute], constants, changes);
    }
  }
  for (const node of before.node) {
    if (kept.has(node) || claimed.has(node)) continue;
    (node.output.every((name) => constants.has(name)) ? changes.folded : changes.removed).push({ ...named(node), graph });
  }
}

const named = (node: NodeProto): NodeName => ({ name: node.name, operator: operatorName(node) });

/** New node → old node of the same operator, under the same name or making the same value. */
function sameNodes(before: GraphProto, after: GraphProto, makers: ReadonlyMap<string, NodeProto>): Map<NodeProto, NodeProto> {
  const byName = new Map(before.node.filter(({ name }) => name !== "").map((node) => [node.name, node]));
  const same = new Map<NodeProto, NodeProto>();
  const taken = new Set<NodeProto>();
  for (const node of after.node) {
    const candidates = [byName.get(node.name), ...node.output.map((name) => makers.get(name))];
    const old = candidates.find((candidate) => candidate !== undefined && !taken.has(candidate) && operatorName(candidate) === operatorName(node));
    if (old === undefined) continue;
    same.set(node, old);
    taken.add(old);
  }
  return same;
}

/** Values that do not depend on the inputs: what the optimizer may compute beforehand. */
function constantValues(graph: GraphProto, outer: ReadonlySet<string>): Set<string> {
  const constants = new Set(outer);
  for (const { name } of graph.input) constants.delete(name);
  for (const { name } of graph.initializer) constants.add(name);
  for (const node of graph.node) {
    const fixed = subGraphs(node).length === 0 && !node.opType.startsWith("Random") && node.input.every((name) => name === "" || constants.has(name));
    for (const name of node.output) if (fixed) constants.add(name);
  }
  return constants;
}

/** The old name of a new graph's value: its own, or the one that the optimizer kept in the node's name when it changed the layout. */
function oldNames(after: GraphProto, makers: ReadonlyMap<string, NodeProto>): (value: string) => string {
  const renamed = new Map<string, string>();
  for (const { name, output: [first] } of after.node) {
    const stem = name.endsWith(otherLayout) ? name.slice(0, -otherLayout.length) : "";
    if (first !== undefined && !makers.has(first) && makers.has(stem)) renamed.set(first, stem);
  }
  return (value) => renamed.get(value) ?? value;
}

interface Around {
  readonly makers: ReadonlyMap<string, NodeProto>;
  readonly order: ReadonlyMap<NodeProto, number>;
  readonly kept: ReadonlySet<NodeProto>;
  readonly claimed: Set<NodeProto>;
  readonly constants: ReadonlySet<string>;
  readonly oldName: (value: string) => string;
}

/** The old nodes from which the new node's values came, back to the values that it reads itself; they are claimed for it. */
function slice(node: NodeProto, old: NodeProto | undefined, { makers, order, kept, claimed, constants, oldName }: Around): NodeProto[] {
  const stop = new Set(node.input.map(oldName));
  const found = new Set<NodeProto>(old === undefined ? [] : [old]);
  const values = [...node.output.map(oldName), ...(old?.input ?? [])];
  for (let value = values.pop(); value !== undefined; value = values.pop()) {
    const maker = makers.get(value);
    if (maker === undefined || stop.has(value) || found.has(maker) || kept.has(maker) || claimed.has(maker) || constants.has(value)) continue;
    found.add(maker);
    values.push(...maker.input);
  }
  for (const item of found) claimed.add(item);
  // In the order of the file, which is the data's.
  return [...found].sort((a, b) => order.get(a)! - order.get(b)!);
}

import type { GraphProto, NodeProto } from "onnx-buf";
import { subGraphs } from "./graphs.ts";
import { mostDimensions } from "./shape.ts";
import { deepest } from "./skeleton.ts";
import { invalidFile } from "./wire.ts";

/** Values that a graph reads and does not make, each with who reads it. */
type FreeValues = ReadonlyMap<string, string>;

/** Throws `model_file_invalid` for graphs that no order of computation fits: values from nowhere, made twice, or out of themselves. */
export function checkGraphs(path: string, graph: GraphProto): void {
  const [missing] = checkGraph(path, graph, 1);
  if (missing !== undefined) throw invalidFile(path, `${missing[1]} reads "${missing[0]}", which nothing in the graph makes.`);
}

export const nodeName = ({ name, opType }: NodeProto): string => (name === "" ? `a node of type ${opType}` : `the node "${name}" (${opType})`);

function checkGraph(path: string, graph: GraphProto, depth: number): FreeValues {
  if (depth > deepest) throw invalidFile(path, `graphs lie in one another deeper than ${deepest}, at "${graph.name}".`);
  const given = new Set([...graph.input, ...graph.initializer].map(({ name }) => name));
  for (const { values } of graph.sparseInitializer) if (values !== undefined) given.add(values.name);
  for (const { name, type } of [...graph.input, ...graph.output, ...graph.valueInfo]) {
    const kind = type?.value;
    const dimensions = kind?.case === "tensorType" || kind?.case === "sparseTensorType" ? kind.value.shape?.dim.length ?? 0 : 0;
    if (dimensions > mostDimensions) throw invalidFile(path, `the value "${name}" has ${dimensions} dimensions; more than ${mostDimensions} have no meaning.`);
  }
  const makers = makersOf(path, graph);
  const free = new Map<string, string>();
  const needs = graph.node.map((node) => {
    const read = new Map(node.input.filter((name) => name !== "").map((name) => [name, nodeName(node)]));
    for (const inner of subGraphs(node)) for (const [name, reader] of checkGraph(path, inner.graph, depth + 1)) read.set(name, reader);
    for (const [name, reader] of read) if (!makers.has(name) && !given.has(name)) free.set(name, reader);
    return [...read.keys()].map((name) => makers.get(name)).filter((index) => index !== undefined);
  });
  for (const { name } of graph.output) if (!makers.has(name) && !given.has(name)) free.set(name, `the graph "${graph.name}", as its output,`);
  const cycle = cycleOf(needs);
  if (cycle !== null) throw invalidFile(path, `the graph "${graph.name}" goes in a circle: ${cycle.map((index) => nodeName(graph.node[index]!)).join(" → ")}.`);
  return free;
}

function makersOf(path: string, graph: GraphProto): Map<string, number> {
  const makers = new Map<string, number>();
  for (const [index, node] of graph.node.entries()) {
    for (const name of node.output) {
      if (name === "") continue;
      const other = makers.get(name);
      if (other !== undefined) throw invalidFile(path, `${nodeName(node)} makes "${name}", and so does ${nodeName(graph.node[other]!)}.`);
      makers.set(name, index);
    }
  }
  return makers;
}

/** Longest circle to print. */
const shown = 6;

/** Nodes that wait for one another, in the direction of the data; null when all can be ordered. */
function cycleOf(needs: readonly (readonly number[])[]): number[] | null {
  const users: number[][] = needs.map(() => []);
  const waiting = needs.map((list) => list.length);
  for (const [index, list] of needs.entries()) for (const need of list) users[need]!.push(index);
  const ready = [...waiting.keys()].filter((index) => waiting[index] === 0);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    for (const user of users[next]!) if (--waiting[user]! === 0) ready.push(user);
  }
  const start = waiting.findIndex((count) => count > 0);
  if (start < 0) return null;
  // Every node that is left needs another one that is left, so going back comes round in the end.
  const back: number[] = [];
  const places = new Map<number, number>();
  let at = start;
  while (!places.has(at)) {
    places.set(at, back.push(at) - 1);
    at = needs[at]!.find((need) => waiting[need]! > 0)!;
  }
  return back.slice(places.get(at)).reverse().slice(0, shown);
}

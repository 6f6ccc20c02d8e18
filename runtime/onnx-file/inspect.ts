import type { TensorProto } from "onnx-buf";
import { statSync } from "node:fs";
import type { GraphComparison, GraphNode, GraphReport, GraphWeights } from "../../protocol/graph.ts";
import { elementsOf } from "./check-data.ts";
import { byteLength, elementType } from "./element.ts";
import { externalPath, externalPlace, inlineLimit, isExternal } from "./external.ts";
import { allGraphs, attributeTensors, type PlacedGraph } from "./graphs.ts";
import { readModel, type OnnxModel } from "./model.ts";
import { freeDimensions, givenInputs, graphValue, knownValues, operatorName } from "./values.ts";

/** Looks into a file; with `target` the graph is written there as the engine would run it, and compared. */
export type InspectFile = (path: string, target: string | null) => Promise<{ readonly report: GraphReport; readonly comparison: GraphComparison | null }>;

/** What is in a file, without running it and without its weights. Rejects with `model_file_missing` or `model_file_invalid`. */
export async function inspectModel(path: string): Promise<GraphReport> {
  return reportOf(readModel(path, { data: "ignore" }));
}

export function reportOf(model: OnnxModel): GraphReport {
  const { message, graph } = model;
  const graphs = [...allGraphs(message)];
  const weights = graphs.flatMap((placed) => weightsOf(model, placed));
  const nodes = graphs.flatMap((placed) => nodesOf(placed, model.path));
  const inputs = givenInputs(graph).map(graphValue);
  return {
    path: model.path, bytes: model.bytes, irVersion: Number(message.irVersion), producer: `${message.producerName} ${message.producerVersion}`.trim(),
    opsets: message.opsetImport.map(({ domain, version }) => ({ domain: domain === "" ? "ai.onnx" : domain, version: Number(version) })),
    name: graph.name, metadata: Object.fromEntries(message.metadataProps.map(({ key, value }) => [key, value])),
    inputs, outputs: graph.output.map(graphValue),
    dimensions: freeDimensions(inputs),
    graphs: graphs.map((placed) => ({ path: pathText(placed), nodes: placed.graph.node.length })),
    operators: operatorCounts(nodes), parameters: sum(weights, ({ parameters }) => parameters), weightBytes: sum(weights, ({ bytes }) => bytes),
    types: typesOf(weights), weights: weights.sort((a, b) => b.bytes - a.bytes), files: filesOf(model, weights), nodes,
  };
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number => items.reduce((total, item) => total + of(item), 0);
const pathText = ({ path }: PlacedGraph): string => path.join(" › ");

export function operatorCounts(nodes: readonly Pick<GraphNode, "operator">[]): { operator: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { operator } of nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return [...counts].map(([operator, count]) => ({ operator, count })).sort((a, b) => b.count - a.count || a.operator.localeCompare(b.operator, "en"));
}

/** Initializers, and constants as large as some exporters write their weights; a smaller one is an axis or a shape, not a weight. */
function weightsOf(model: OnnxModel, placed: PlacedGraph): GraphWeights[] {
  const constants = placed.graph.node.flatMap((node) => attributeTensors(node).map((tensor) => weightOf(model, placed, tensor, tensor.name || (node.output[0] ?? node.name))));
  return [...placed.graph.initializer.map((tensor) => weightOf(model, placed, tensor, tensor.name)), ...constants.filter(({ bytes }) => bytes > inlineLimit)];
}

function weightOf(model: OnnxModel, placed: PlacedGraph, tensor: TensorProto, name: string): GraphWeights {
  const type = elementType(tensor.dataType);
  const elements = elementsOf(model.path, tensor);
  const bytes = type === undefined || type === "string" ? sum(tensor.stringData, ({ length }) => length) : byteLength(type, elements);
  const { location } = isExternal(tensor) ? externalPlace(model.path, tensor) : { location: null };
  const file = location === null || externalPath(model, { location, offset: 0, length: null }) === model.path ? null : location;
  return { name, graph: pathText(placed), type: type ?? "unknown", shape: tensor.dims.map(Number), parameters: elements, bytes, file };
}

function typesOf(weights: readonly GraphWeights[]): GraphReport["types"] {
  const groups = Map.groupBy(weights, ({ type }) => type);
  return [...groups].map(([type, group]) => ({ type, tensors: group.length, parameters: sum(group, ({ parameters }) => parameters), bytes: sum(group, ({ bytes }) => bytes) }))
    .sort((a, b) => b.bytes - a.bytes);
}

function filesOf(model: OnnxModel, weights: readonly GraphWeights[]): GraphReport["files"] {
  const names = [...new Set(weights.map(({ file }) => file).filter((file) => file !== null))];
  return names.map((name) => ({ name, bytes: statSync(externalPath(model, { location: name, offset: 0, length: null }), { throwIfNoEntry: false })?.size ?? null }));
}

function nodesOf(placed: PlacedGraph, path: string): GraphNode[] {
  const known = knownValues(placed.graph);
  const sizes = new Map(placed.graph.initializer.map((tensor) => [tensor.name, elementsOf(path, tensor)]));
  return placed.graph.node.map((node) => {
    let parameters = sum(attributeTensors(node), (tensor) => elementsOf(path, tensor));
    for (const name of node.input) {
      parameters += sizes.get(name) ?? 0;
      sizes.delete(name);
    }
    const outputs = node.output.filter((name) => name !== "").map((name) => known.get(name) ?? { name, type: "unknown", shape: null });
    return { name: node.name, operator: operatorName(node), graph: pathText(placed), inputs: node.input, outputs, parameters };
  });
}

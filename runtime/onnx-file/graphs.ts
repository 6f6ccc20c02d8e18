import { create } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema, FunctionProtoSchema, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, SparseTensorProtoSchema,
  type AttributeProto, type GraphProto, type ModelProto, type NodeProto, type SparseTensorProto, type TensorProto,
} from "onnx-buf";

/** A graph and where it lies: the names of the nodes and attributes that lead to it, outermost first; none for the main graph. */
export interface PlacedGraph {
  readonly graph: GraphProto;
  readonly path: readonly string[];
}

/** The graphs that a node carries: branches of If, bodies of Loop and Scan. */
export function subGraphs(node: NodeProto): { readonly attribute: string; readonly graph: GraphProto }[] {
  return node.attribute.flatMap(({ name, g, graphs }) => [...(g === undefined ? [] : [g]), ...graphs].map((graph) => ({ attribute: name, graph })));
}

/** The main graph, then all below it. */
export function* allGraphs(model: ModelProto): Generator<PlacedGraph> {
  if (model.graph !== undefined) yield* below({ graph: model.graph, path: [] });
}

function* below(placed: PlacedGraph): Generator<PlacedGraph> {
  yield placed;
  for (const node of placed.graph.node) {
    for (const { attribute, graph } of subGraphs(node)) yield* below({ graph, path: [...placed.path, node.name || node.opType, attribute] });
  }
}

/** Every tensor with data: initializers and constants of all graphs and functions. */
export function* allTensors(model: ModelProto): Generator<TensorProto> {
  if (model.graph !== undefined) yield* graphTensors(model.graph);
  for (const node of model.functions.flatMap((item) => item.node)) yield* nodeTensors(node);
}

function* graphTensors(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  yield* graph.sparseInitializer.flatMap(sparseParts);
  for (const node of graph.node) yield* nodeTensors(node);
}

function* nodeTensors(node: NodeProto): Generator<TensorProto> {
  yield* attributeTensors(node);
  for (const { graph } of subGraphs(node)) yield* graphTensors(graph);
}

export const attributeTensors = (node: NodeProto): TensorProto[] =>
  node.attribute.flatMap(({ t, tensors, sparseTensor, sparseTensors }) =>
    [...(t === undefined ? [] : [t]), ...tensors, ...[...(sparseTensor === undefined ? [] : [sparseTensor]), ...sparseTensors].flatMap(sparseParts)]);

const sparseParts = ({ values, indices }: SparseTensorProto): TensorProto[] => [values, indices].filter((part) => part !== undefined);

type MapTensor = (tensor: TensorProto) => TensorProto;

/** The model with other tensors; what holds none is shared with the original, which is not changed. */
export function mapTensors(model: ModelProto, map: MapTensor): ModelProto {
  const { graph, functions } = model;
  return Object.assign(create(ModelProtoSchema), model, graph !== undefined && { graph: mapGraph(graph, map) }, {
    functions: functions.map((item) => Object.assign(create(FunctionProtoSchema), item, { node: item.node.map((node) => mapNode(node, map)) })),
  });
}

const mapGraph = (graph: GraphProto, map: MapTensor): GraphProto => Object.assign(create(GraphProtoSchema), graph, {
  initializer: graph.initializer.map(map), sparseInitializer: graph.sparseInitializer.map((sparse) => mapSparse(sparse, map)), node: graph.node.map((node) => mapNode(node, map)),
});

const mapNode = (node: NodeProto, map: MapTensor): NodeProto =>
  Object.assign(create(NodeProtoSchema), node, { attribute: node.attribute.map((attribute) => mapAttribute(attribute, map)) });

function mapAttribute(attribute: AttributeProto, map: MapTensor): AttributeProto {
  const { t, g, sparseTensor, tensors, graphs, sparseTensors } = attribute;
  if (t === undefined && g === undefined && sparseTensor === undefined && tensors.length + graphs.length + sparseTensors.length === 0) return attribute;
  return Object.assign(create(AttributeProtoSchema), attribute,
    { tensors: tensors.map(map), graphs: graphs.map((graph) => mapGraph(graph, map)), sparseTensors: sparseTensors.map((sparse) => mapSparse(sparse, map)) },
    { ...(t !== undefined && { t: map(t) }), ...(g !== undefined && { g: mapGraph(g, map) }), ...(sparseTensor !== undefined && { sparseTensor: mapSparse(sparseTensor, map) }) });
}

const mapSparse = (sparse: SparseTensorProto, map: MapTensor): SparseTensorProto => Object.assign(create(SparseTensorProtoSchema), sparse,
  sparse.values !== undefined && { values: map(sparse.values) }, sparse.indices !== undefined && { indices: map(sparse.indices) });

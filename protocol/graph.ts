import { z } from "zod";

/** What is known of an ONNX file without running it, and what onnxruntime made of its graph. */

const count = z.int().min(0);
const Shape = z.array(z.union([z.int(), z.string()]).nullable()).nullable()
  .meta({ description: "Sizes; a name where a dimension is free, null where it is free and has no name; null for the whole where nothing is said." });

export const GraphValue = z.object({
  name: z.string(),
  type: z.string().meta({ description: "Element type, such as `float32`; `sequence`, `map` or `optional` for what is no tensor." }),
  shape: Shape,
}).meta({ id: "GraphValue", description: "An input, an output, or a value between nodes." });
export type GraphValue = z.infer<typeof GraphValue>;

export const GraphNode = z.object({
  name: z.string().meta({ description: "May be empty: names are not required." }),
  operator: z.string().meta({ description: "Such as `MatMul`; with its domain in front where that is not ONNX's own, as `com.microsoft.MatMulNBits`." }),
  graph: z.string().meta({ description: "The sub-graph it lies in, as the names that lead there; empty for the main graph." }),
  inputs: z.array(z.string()),
  outputs: z.array(GraphValue),
  parameters: count.meta({ description: "Parameters that only this node reads, or reads first." }),
}).meta({ id: "GraphNode" });
export type GraphNode = z.infer<typeof GraphNode>;

export const GraphWeights = z.object({
  name: z.string(), graph: z.string(), type: z.string(), shape: z.array(z.int()),
  parameters: count, bytes: count,
  file: z.string().nullable().meta({ description: "The file of external data in which it lies, or null." }),
}).meta({ id: "GraphWeights", description: "An initializer, or a constant with more than a kilobyte." });
export type GraphWeights = z.infer<typeof GraphWeights>;

export const GraphReport = z.object({
  path: z.string(),
  bytes: count.meta({ description: "Size of the file itself." }),
  irVersion: count,
  producer: z.string().meta({ description: "Name and version of the program that wrote it." }),
  opsets: z.array(z.object({ domain: z.string(), version: z.int() })),
  name: z.string().meta({ description: "The graph's name." }),
  metadata: z.record(z.string(), z.string()),
  inputs: z.array(GraphValue),
  outputs: z.array(GraphValue),
  dimensions: z.array(z.string()).meta({ description: "Names of the inputs' free dimensions; `onnx.dimensions` in inferno.yaml can fix them." }),
  graphs: z.array(z.object({ path: z.string(), nodes: count })).meta({ description: "The main graph, with an empty path, and the sub-graphs of If, Loop and Scan." }),
  operators: z.array(z.object({ operator: z.string(), count })).meta({ description: "The most frequent first, sub-graphs included." }),
  parameters: count,
  weightBytes: count,
  types: z.array(z.object({ type: z.string(), tensors: count, parameters: count, bytes: count })),
  weights: z.array(GraphWeights).meta({ description: "The largest first." }),
  files: z.array(z.object({ name: z.string(), bytes: count.nullable() })).meta({ description: "Files of external data beside the model; null bytes: missing." }),
  nodes: z.array(GraphNode),
}).meta({ id: "GraphReport", description: "An ONNX file, read without its weights." });
export type GraphReport = z.infer<typeof GraphReport>;

const NodeName = z.object({ name: z.string(), operator: z.string() });
export type NodeName = z.infer<typeof NodeName>;

export const GraphComparison = z.object({
  before: count.meta({ description: "Nodes, sub-graphs included." }),
  after: count,
  operators: z.array(z.object({ operator: z.string(), before: count, after: count })).meta({ description: "Those whose number changed come first." }),
  unchanged: count,
  fusions: z.array(NodeName.extend({ graph: z.string(), took: z.array(NodeName) })).meta({ description: "Nodes that do what several did before." }),
  replaced: z.array(NodeName.extend({ graph: z.string(), took: z.array(NodeName) })).meta({ description: "Nodes in the place of one other." }),
  inserted: z.array(NodeName.extend({ graph: z.string() })).meta({ description: "Nodes that were not there before, such as changes of the memory layout." }),
  folded: z.array(NodeName.extend({ graph: z.string() })).meta({ description: "Nodes whose result is now computed beforehand." }),
  removed: z.array(NodeName.extend({ graph: z.string() })).meta({ description: "Nodes that nothing needs." }),
}).meta({ id: "GraphComparison", description: "A graph before and after onnxruntime's optimization." });
export type GraphComparison = z.infer<typeof GraphComparison>;

import { graph, model, modelBytes, node, tensor, value } from "../../../runtime/onnx-file/build.ts";

export interface OnnxOptions {
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** Names of weights, and how many numbers each has. */
  readonly weights?: readonly string[];
  readonly weightSize?: number;
}

/** An ONNX file with values of these names; it computes nothing. */
export function onnxBytes({ inputs = ["x"], outputs = ["y"], weights = [], weightSize = 1 }: OnnxOptions = {}): Uint8Array {
  const int64 = (name: string) => value(name, "int64", ["batch", "tokens"]);
  const initializers = weights.map((name) => tensor(name, "float32", [weightSize], new Float32Array(weightSize)));
  return modelBytes(model(graph({ nodes: outputs.map((output) => node("Identity", [inputs[0] ?? ""], [output])), inputs: inputs.map(int64), outputs: outputs.map(int64), initializers })));
}

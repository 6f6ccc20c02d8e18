import { InferenceSession, Tensor } from "onnxruntime-node";
import { graph, model, modelBytes, node, value } from "../../../onnx-file/build.ts";

const depth = 64;
const [input, weight] = [255, 127];

/**
 * Whether sums of 8-bit products come out too small on this processor: without VNNI (or ARM's dot products), onnxruntime adds pairs of them in 16 bits, where
 * 2 × 255 × 127 does not fit. Found out by the largest sum there is.
 */
export async function saturates(): Promise<boolean> {
  const product = model(graph({
    nodes: [node("MatMulInteger", ["a", "b"], ["y"])], inputs: [value("a", "uint8", [1, depth]), value("b", "int8", [depth, 1])], outputs: [value("y", "int32", [1, 1])],
  }));
  const session = await InferenceSession.create(modelBytes(product), { executionProviders: ["cpu"], intraOpNumThreads: 1 });
  try {
    const { y } = await session.run({ a: new Tensor("uint8", new Uint8Array(depth).fill(input), [1, depth]), b: new Tensor("int8", new Int8Array(depth).fill(weight), [depth, 1]) });
    return Number(y?.data[0]) !== depth * input * weight;
  } finally {
    await session.release();
  }
}

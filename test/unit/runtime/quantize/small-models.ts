import { mulberry32 } from "../../../../base/random.ts";
import { float, graph, model, node, tensor, value } from "../../../../runtime/onnx-file/build.ts";
import type { ModelProto, TensorProto } from "onnx-buf";

/** Models of a few kilobytes, with weights of a usual distribution. */
export function weights(name: string, dims: readonly number[], seed = 1): TensorProto {
  const random = mulberry32(seed);
  const size = dims.reduce((product, dim) => product * dim, 1);
  return tensor(name, "float32", dims, Float32Array.from({ length: size }, () => (random() + random() + random() - 1.5) / 2));
}

const input = value("x", "float32", ["batch", 48]);
const output = value("y", "float32", ["batch", 16]);

/** x [batch, 48] → MatMul, Relu → Gemm with transposed weight and bias → y [batch, 16] */
export const twoLayers = (opset = 21): ModelProto => model(graph({
  nodes: [
    node("MatMul", ["x", "w1"], ["h"], {}, { name: "first" }),
    node("Relu", ["h"], ["r"], {}, { name: "relu" }),
    node("Gemm", ["r", "w2", "b2"], ["y"], { transB: 1, alpha: float(0.5), beta: float(2) }, { name: "second" }),
  ],
  inputs: [input], outputs: [output],
  initializers: [weights("w1", [48, 64]), weights("w2", [16, 64], 2), weights("b2", [16], 3)],
}), { opset });

/** A branch of If multiplies with a weight of the main graph, the other with one of its own, through a Transpose. */
export const branches = (): ModelProto => {
  const yes = graph({ name: "yes", nodes: [node("MatMul", ["x", "w"], ["a"], {}, { name: "outer" })], outputs: [value("a", "float32", null)] });
  const no = graph({
    name: "no",
    nodes: [node("Transpose", ["v"], ["vt"], { perm: [1, 0] }), node("MatMul", ["x", "vt"], ["b"], {}, { name: "inner" })],
    outputs: [value("b", "float32", null)], initializers: [weights("v", [16, 48], 5)],
  });
  return model(graph({
    nodes: [node("If", ["flag"], ["branch"], { then_branch: yes, else_branch: no }), node("MatMul", ["x", "w"], ["again"], {}, { name: "shared" }), node("Add", ["branch", "again"], ["y"])],
    inputs: [input, value("flag", "bool", [])], outputs: [output], initializers: [weights("w", [48, 16], 4)],
  }));
};

/** ids → embedding [1000, 16] → gated network → y */
export const gated = (): ModelProto => model(graph({
  nodes: [
    node("Gather", ["table", "ids"], ["e"], {}, { name: "embed" }),
    node("MatMul", ["e", "up"], ["u"], {}, { name: "up" }),
    node("Add", ["u", "bias"], ["ub"]),
    node("MatMul", ["e", "gate"], ["g"], {}, { name: "gate" }),
    node("Sigmoid", ["g"], ["s"]),
    node("Mul", ["g", "s"], ["silu"]),
    node("Mul", ["silu", "ub"], ["hidden"]),
    node("MatMul", ["hidden", "down"], ["y"], {}, { name: "down" }),
  ],
  inputs: [value("ids", "int64", ["batch", "tokens"])], outputs: [value("y", "float32", ["batch", "tokens", 16])],
  initializers: [weights("table", [1000, 16], 6), weights("up", [16, 64], 7), weights("bias", [64], 8), weights("gate", [16, 64], 9), weights("down", [64, 16], 10)],
}));

/** An image of 3 × 8 × 8 through a convolution with Relu, flattened, and a Gemm. */
export const image = (): ModelProto => model(graph({
  nodes: [
    node("Conv", ["x", "k", "kb"], ["c"], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, { name: "conv" }),
    node("Relu", ["c"], ["r"]),
    node("GlobalAveragePool", ["r"], ["p"]),
    node("Flatten", ["p"], ["f"]),
    node("Gemm", ["f", "w", "b"], ["y"], {}, { name: "head" }),
  ],
  inputs: [value("x", "float32", [1, 3, 8, 8])], outputs: [value("y", "float32", [1, 4])],
  initializers: [weights("k", [8, 3, 3, 3], 11), weights("kb", [8], 12), weights("w", [8, 4], 13), weights("b", [4], 14)],
}));

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { numberToHalf } from "../../../base/half.ts";
import type { GraphValue, Session } from "../../../runtime/backends/onnx/session.ts";
import { float32, int64, type Tensor } from "../../../runtime/backends/onnx/tensors.ts";
import { graph, model, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import type { ElementType } from "../../../runtime/onnx-file/element.ts";
import { put, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { openGraphs } from "./engine.ts";

const identity = (type: ElementType, shape: readonly (number | string | null)[] | null = ["n"]) =>
  model(graph({ nodes: [node("Identity", ["a"], ["b"])], inputs: [value("a", type, shape)], outputs: [value("b", type, shape)] }), { opset: 17, irVersion: 8 });

/** sum = a + b, product = a · b, of rows of two. */
const arithmetic = () => model(graph({
  nodes: [node("Add", ["a", "b"], ["sum"]), node("Mul", ["a", "b"], ["product"])],
  inputs: [value("a", "float32", ["rows", 2]), value("b", "float32", [2])],
  outputs: [value("sum", "float32", ["rows", 2]), value("product", "float32", ["rows", 2])],
}), { opset: 17, irVersion: 8 });

const open = async (t: TestContext, content: ReturnType<typeof model>, asked = {}): Promise<Session> => await openGraphs(t, asked).open(put(temporaryFolder(t), "a.onnx", content));
const pair = float32(Float32Array.of(10, 100), [2]);

test("a graph says what it takes and gives, and runs", async (t) => {
  const session = await open(t, arithmetic());
  const rows = (name: string): GraphValue => ({ name, type: "float32", shape: ["rows", 2] });
  assert.deepEqual(session.inputs, [rows("a"), { name: "b", type: "float32", shape: [2] }]);
  assert.deepEqual(session.outputs, [rows("sum"), rows("product")]);
  const outputs = await session.run({ a: float32(Float32Array.of(1, 2, 3, 4), [2, 2]), b: pair });
  assert.deepEqual(outputs, { sum: float32(Float32Array.of(11, 102, 13, 104), [2, 2]), product: float32(Float32Array.of(10, 200, 30, 400), [2, 2]) });
  assert.deepEqual(Object.keys(await session.run({ a: float32(Float32Array.of(1, 2), [1, 2]), b: pair }, ["product"])), ["product"]);
});

const allTypes: readonly Tensor[] = [
  float32(Float32Array.of(1.5, Number.NaN), [2]),
  { type: "float16", data: Uint16Array.of(numberToHalf(1.5), numberToHalf(-65504)), shape: [2] },
  { type: "float64", data: Float64Array.of(1e300, -0), shape: [2] },
  { type: "int8", data: Int8Array.of(-128, 127), shape: [2] },
  { type: "uint8", data: Uint8Array.of(0, 255), shape: [2] },
  { type: "int16", data: Int16Array.of(-32768, 1), shape: [2] },
  { type: "uint16", data: Uint16Array.of(65535, 1), shape: [2] },
  { type: "int32", data: Int32Array.of(-(2 ** 31), 1), shape: [2] },
  { type: "uint32", data: Uint32Array.of(2 ** 32 - 1, 1), shape: [2] },
  int64(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n), [2]),
  { type: "uint64", data: BigUint64Array.of(2n ** 64n - 1n, 1n), shape: [2] },
  { type: "bool", data: Uint8Array.of(0, 1), shape: [2] },
  { type: "string", data: ["", "grüße 👋"], shape: [2] },
];

for (const sent of allTypes) {
  test(`${sent.type} goes through a graph unchanged, and so do none of it`, async (t) => {
    const session = await open(t, identity(sent.type));
    assert.deepEqual(await session.run({ a: sent }), { b: sent });
    const none = { ...sent, data: sent.data.slice(0, 0), shape: [0] } as Tensor;
    assert.deepEqual(await session.run({ a: none }), { b: none });
  });
}

test("a scalar, and a dimension without a name", async (t) => {
  const scalar = float32(Float32Array.of(7), []);
  assert.deepEqual(await (await open(t, identity("float32", []))).run({ a: scalar }), { b: scalar });
  const nameless = await open(t, identity("float32", [null, 1]));
  assert.deepEqual(nameless.inputs[0]?.shape, ["", 1]);
  await assert.rejects(nameless.run({ a: scalar }), { code: "tensor_mismatch", message: 'The graph\'s input "a" is float32 [?, 1], and the tensor is float32 [].' });
});

test("what the graph does not take is the caller's error, and says what it takes", async (t) => {
  const session = await open(t, arithmetic());
  const a = float32(Float32Array.of(1, 2), [1, 2]);
  const cases: readonly (readonly [string, Readonly<Record<string, Tensor>>, RegExp])[] = [
    ["missing", { a }, /^The graph's input "b" is missing; it takes a: float32 \[rows, 2\], b: float32 \[2\]\.$/],
    ["unknown", { a, b: pair, c: pair }, /^The graph has no input "c"; it takes a: /],
    ["another type", { a: int64(BigInt64Array.of(1n, 2n), [1, 2]), b: pair }, /^The graph's input "a" is float32 \[rows, 2\], and the tensor is int64 \[1, 2\]\.$/],
    ["another size", { a: float32(new Float32Array(3), [1, 3]), b: pair }, /the tensor is float32 \[1, 3\]\.$/],
    ["another rank", { a: float32(new Float32Array(2), [2]), b: pair }, /the tensor is float32 \[2\]\.$/],
    ["values for another shape", { a: float32(new Float32Array(2), [2, 2]), b: pair }, /^The tensor "a" is float32 \[2, 2\] and has 2 values\.$/],
  ];
  for (const [what, feeds, message] of cases) await assert.rejects(session.run(feeds), { code: "tensor_mismatch", message }, what);
  await assert.rejects(session.run({ a, b: pair }, ["som"]), { code: "tensor_mismatch", message: /no output "som"; it has sum: .* Did you mean "sum"\?$/ });
  const texts = await open(t, identity("string"));
  await assert.rejects(texts.run({ a: { type: "string", data: ["a\0b"], shape: [1] } }), { code: "tensor_mismatch", message: /NUL/ });
});

test("a dimension with a fixed value takes no other", async (t) => {
  const session = await open(t, arithmetic(), { dimensions: { rows: 2 } });
  assert.deepEqual(session.inputs[0]?.shape, [2, 2]);
  await assert.rejects(session.run({ a: float32(Float32Array.of(1, 2), [1, 2]), b: pair }), { code: "tensor_mismatch" });
  assert.deepEqual((await session.run({ a: float32(Float32Array.of(1, 2, 3, 4), [2, 2]), b: pair }, ["sum"]))["sum"]?.shape, [2, 2]);
});

test("a failure within the graph is told without onnxruntime's own source places, and the session goes on", async (t) => {
  const reshape = model(graph({
    nodes: [node("Reshape", ["a", "shape"], ["b"], {}, { name: "/reshape" })], inputs: [value("a", "float32", ["n"])], outputs: [value("b", "float32", null)],
    initializers: [tensor("shape", "int64", [1], [3])],
  }), { opset: 17, irVersion: 8 });
  const session = await open(t, reshape);
  const failure = { code: "inference_failed", message: /^(?!.*onnxruntime_src).*Reshape.*\/reshape.*cannot be reshaped/ };
  await assert.rejects(session.run({ a: float32(new Float32Array(2), [2]) }), failure);
  assert.deepEqual((await session.run({ a: float32(new Float32Array(3), [3]) }))["b"]?.shape, [3]);
});

test("an integer that runs over wraps, and NaN and infinities pass, as the operators say", async (t) => {
  const sum = model(graph({ nodes: [node("Add", ["a", "a"], ["b"])], inputs: [value("a", "int64", [1])], outputs: [value("b", "int64", [1])] }), { opset: 17, irVersion: 8 });
  assert.deepEqual((await (await open(t, sum)).run({ a: int64(BigInt64Array.of(2n ** 62n), [1]) }))["b"]?.data, BigInt64Array.of(-(2n ** 63n)));
  const { product } = await (await open(t, arithmetic())).run({ a: float32(Float32Array.of(Number.NaN, Infinity), [1, 2]), b: pair });
  assert.deepEqual(product?.data, Float32Array.of(Number.NaN, Infinity));
});

test("a classifier's map beside its scores is left out; a graph that takes or gives no tensors is refused", async (t) => {
  const sequence = model(graph({
    nodes: [node("SequenceConstruct", ["a"], ["s"]), node("Identity", ["a"], ["b"])], inputs: [value("a", "float32", [2])], outputs: [value("b", "float32", [2]), sequenceValue("s")],
  }), { opset: 17, irVersion: 8 });
  const session = await open(t, sequence);
  assert.deepEqual(session.outputs.map(({ name }) => name), ["b"]);
  assert.deepEqual(Object.keys(await session.run({ a: pair })), ["b"]);
  const only = { ...sequence, graph: { ...sequence.graph!, output: [sequenceValue("s")] } };
  await assert.rejects(open(t, only), { code: "model_load_failed", message: /None of the graph's outputs is a tensor/ });
  await assert.rejects(open(t, identity("bfloat16")), { code: "model_load_failed", message: /input or output of bfloat16/ });
});

function sequenceValue(name: string): ReturnType<typeof value> {
  const element = value(name, "float32", [2]);
  return { ...element, type: { ...element.type!, value: { case: "sequenceType", value: { $typeName: "onnx.TypeProto.Sequence", elemType: element.type! } } } };
}

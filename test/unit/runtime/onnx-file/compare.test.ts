import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { GraphProto, NodeProto, TensorProto } from "onnx-buf";
import { GraphComparison } from "../../../../protocol/graph.ts";
import { graph, model, node, tensor, value } from "../../../../runtime/onnx-file/build.ts";
import { compareModels } from "../../../../runtime/onnx-file/compare.ts";
import { branching, linear } from "./files.ts";

const of = (nodes: NodeProto[], initializers: TensorProto[] = []): GraphProto =>
  graph({ nodes, inputs: [value("x", "float32", [1])], outputs: [value("y", "float32", [1])], initializers });
const weights = (...names: string[]): TensorProto[] => names.map((name) => tensor(name, "float32", [1], [1]));

function compare(before: GraphProto, after: GraphProto) {
  const result = compareModels(model(before), model(after));
  assert.deepEqual(GraphComparison.parse(result), result);
  const names = (items: readonly { operator: string }[]): string => items.map(({ operator }) => operator).join("+");
  const taken = (items: GraphComparison["fusions"]): string[] => items.map(({ operator, took }) => `${operator} ← ${names(took)}`);
  return { ...result, fusions: taken(result.fusions), replaced: taken(result.replaced), inserted: names(result.inserted), folded: names(result.folded), removed: names(result.removed) };
}

test("a graph is unchanged beside itself", () => {
  const { unchanged, before, after, fusions, operators } = compare(linear(), linear());
  assert.deepEqual([unchanged, before, after, fusions], [3, 3, 3, []]);
  assert.ok(operators.every((row) => row.before === row.after));
});

test("a fused node took what lies between its inputs and its outputs", () => {
  const before = of([node("MatMul", ["x", "w"], ["m"], {}, { name: "a" }), node("Add", ["m", "b"], ["s"], {}, { name: "b" }), node("Relu", ["s"], ["r"], {}, { name: "c" }), node("Sin", ["r"], ["y"], {}, { name: "d" })], weights("w", "b"));
  const after = of([node("Gemm", ["x", "w", "b"], ["s"], {}, { name: "a/MatMulAddFusion" }), node("Relu", ["s"], ["r"], {}, { name: "c" }), node("Sin", ["r"], ["y"], {}, { name: "d" })], weights("w", "b"));
  const { fusions, unchanged, operators } = compare(before, after);
  assert.deepEqual(fusions, ["Gemm ← MatMul+Add"]);
  assert.equal(unchanged, 2);
  assert.deepEqual(operators.slice(0, 3).map((row) => row.operator).sort(), ["Add", "Gemm", "MatMul"]);
});

test("a node that kept its name and operator took what it now does besides", () => {
  const before = of([node("Conv", ["x", "w"], ["c"], {}, { name: "conv" }), node("BatchNormalization", ["c", "s", "b", "m", "v"], ["y"], {}, { name: "norm" })], weights("w", "s", "b", "m", "v"));
  const after = of([node("Conv", ["x", "w2", "b2"], ["y"], {}, { name: "conv" })], weights("w2", "b2"));
  assert.deepEqual(compare(before, after).fusions, ["Conv ← Conv+BatchNormalization"]);
});

test("another layout is known by the value in the node's name, and its changes of layout are new", () => {
  const before = of([node("Conv", ["x", "w"], ["c"], {}, { name: "one" }), node("Relu", ["c"], ["r"], {}, { name: "two" }), node("Conv", ["r", "w"], ["y"], {}, { name: "three" })], weights("w"));
  const ms = { domain: "com.microsoft.nchwc" };
  const after = of([
    node("ReorderInput", ["x"], ["reorder"], {}, { ...ms, name: "in" }), node("Conv", ["reorder", "reorder_w"], ["reorder_1"], {}, { ...ms, name: "r_nchwc" }),
    node("Conv", ["reorder_1", "reorder_w"], ["reorder_2"], {}, { ...ms, name: "y_nchwc" }), node("ReorderOutput", ["reorder_2"], ["y"], {}, { ...ms, name: "out" }),
  ], weights("reorder_w"));
  const { fusions, replaced, inserted, removed } = compare(before, after);
  assert.deepEqual(fusions, ["com.microsoft.nchwc.Conv ← Conv+Relu"]);
  assert.deepEqual(replaced, ["com.microsoft.nchwc.Conv ← Conv"]);
  assert.equal(inserted, "com.microsoft.nchwc.ReorderInput+com.microsoft.nchwc.ReorderOutput");
  assert.equal(removed, "");
});

test("what depends on no input is computed beforehand, what nobody reads goes", () => {
  const before = of([
    node("Constant", [], ["k"], { value: tensor("", "float32", [1], [2]) }), node("Sqrt", ["k"], ["root"], {}, { name: "sqrt" }), node("RandomNormal", [], ["noise"], { shape: [1] }, { name: "random" }),
    node("Identity", ["x"], ["same"], {}, { name: "identity" }), node("Mul", ["same", "root"], ["y"], {}, { name: "mul" }),
  ]);
  const after = of([node("Mul", ["x", "root"], ["y"], {}, { name: "mul" })], weights("root"));
  const { folded, removed, fusions } = compare(before, after);
  assert.equal(folded, "Constant+Sqrt");
  assert.equal(removed, "RandomNormal");
  // The product now reads what the identity read, so it does both.
  assert.deepEqual(fusions, ["Mul ← Identity+Mul"]);
});

test("branches are compared with branches", () => {
  const before = branching();
  const after = branching();
  const [branch] = after.graph!.node[0]!.attribute;
  branch!.g!.node = [node("Scale", ["x"], ["then.out"], {}, { name: "scale" })];
  const { fusions, replaced, unchanged, folded } = compareModels(before, after);
  assert.deepEqual(fusions, []);
  assert.deepEqual(replaced.map(({ graph: place, operator }) => [place, operator]), [["/choose › then_branch", "Scale"]]);
  assert.deepEqual(folded.map(({ operator }) => operator), ["Constant"]);
  assert.equal(unchanged, 3);
});

test("every old node went somewhere, every new one came from somewhere", () => {
  const operators = ["Add", "Mul", "Relu", "Constant"];
  // Each node reads values of those before it, x or a weight; few names, so that the two graphs share some.
  const nodes = fc.array(fc.record({ operator: fc.constantFrom(...operators), name: fc.constantFrom("", "a", "b", "c", "d_nchwc", "v1_nchwc"), reads: fc.array(fc.nat(9), { maxLength: 2 }), makes: fc.nat(9) }), { maxLength: 8 })
    .map((drafts) => {
      const made = new Set<string>(["x", "w"]);
      return drafts.flatMap(({ operator, name, reads, makes }) => {
        const output = `v${makes}`;
        if (made.has(output)) return [];
        const input = reads.map((index) => [...made][index % made.size]!);
        made.add(output);
        return [node(operator, input, [output], {}, { name })];
      });
    });
  fc.assert(fc.property(nodes, nodes, (before, after) => {
    const { unchanged, fusions, replaced, inserted, folded, removed } = compareModels(model(of(before, weights("w"))), model(of(after, weights("w"))));
    const took = [...fusions, ...replaced].reduce((sum, each) => sum + each.took.length, 0);
    assert.equal(unchanged + took + folded.length + removed.length, before.length);
    assert.equal(unchanged + fusions.length + replaced.length + inserted.length, after.length);
  }), { numRuns: 1000 });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { GraphProto, ModelProto } from "onnx-buf";
import { graph, model, modelBytes, node, tensor, value } from "../../../../runtime/onnx-file/build.ts";

export function temporaryFolder(t: Pick<TestContext, "after">): string {
  const folder = mkdtempSync(join(tmpdir(), "inferno-onnx-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a model, or any bytes, under this name; returns the path. */
export function put(folder: string, name: string, content: ModelProto | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content instanceof Uint8Array ? content : modelBytes(content));
  return path;
}

export const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => index / length - 0.5);

/** y = relu(x · w + b), with weights of 32 × 32: large enough to be left where they lie. */
export const linear = (name = "linear"): GraphProto => graph({
  name,
  nodes: [
    node("MatMul", ["x", "w"], ["product"], {}, { name: "/multiply" }),
    node("Add", ["product", "b"], ["sum"], {}, { name: "/add" }),
    node("Relu", ["sum"], ["y"], {}, { name: "/relu" }),
  ],
  inputs: [value("x", "float32", ["batch", 32])],
  outputs: [value("y", "float32", ["batch", 32])],
  initializers: [tensor("w", "float32", [32, 32], ramp(1024)), tensor("b", "float32", [32], ramp(32))],
});

/** An If whose branches each have a large constant of their own. */
export const branching = (): ModelProto => {
  const branch = (name: string): GraphProto => graph({
    name, outputs: [value(`${name}.out`, "float32", [32, 32])],
    nodes: [node("Constant", [], [`${name}.c`], { value: tensor("", "float32", [32, 32], ramp(1024)) }), node("Mul", [`${name}.c`, "x"], [`${name}.out`], {}, { name: `/${name}/multiply` })],
  });
  return model(graph({
    nodes: [node("If", ["yes"], ["y"], { then_branch: branch("then"), else_branch: branch("else") }, { name: "/choose" })],
    inputs: [value("yes", "bool", []), value("x", "float32", [32, 32])], outputs: [value("y", "float32", [32, 32])],
  }));
};

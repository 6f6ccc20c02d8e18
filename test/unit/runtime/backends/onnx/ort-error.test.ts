import assert from "node:assert/strict";
import { test } from "node:test";
import { InfernoError } from "../../../../../protocol/errors.ts";
import { ortMessage, runError } from "../../../../../runtime/backends/onnx/ort-error.ts";

const source = "/onnxruntime_src/onnxruntime/core";
const told: readonly (readonly [said: string, told: string])[] = [
  ["Session already disposed.", "Session already disposed."],
  [`Load model from a.onnx failed:${source}/graph/model.cc:187 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&) ModelProto does not have a graph.\n`, "Load model from a.onnx failed:ModelProto does not have a graph."],
  [`${source}/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const Config&)::<lambda()> adapter_result.status == wgpu::Success was false. No supported adapters`, "No supported adapters"],
  [`Non-zero status code returned while running Reshape node. Name:'/reshape' Status Message: ${source}/cpu/tensor/reshape_helper.h:45 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, int) size != 0 && x == y was false. The input tensor cannot be reshaped`,
    "Non-zero status code returned while running Reshape node. Name:'/reshape' Status Message: The input tensor cannot be reshaped"],
  ["Error: tensorprotoutils.cc:461 ValidateExternalDataPath External data path does not exist", "Error: External data path does not exist"],
  [`${source}/a.cc:1 what has no (closing parenthesis`, "what has no (closing parenthesis"],
];
for (const [said, expected] of told) test(`told of "${said.slice(0, 50)}…"`, () => assert.equal(ortMessage(new Error(said)), expected));

test("a run's failure is the request's where its tensors are not what the graph takes", () => {
  const codes = ["Got invalid dimensions for input: a", "Unexpected input data type. Actual: (tensor(int32))", "Non-zero status code returned while running Add node."].map((message) => runError(new Error(message)).code);
  assert.deepEqual(codes, ["tensor_mismatch", "tensor_mismatch", "inference_failed"]);
  const ours = new InfernoError("request_cancelled", "x");
  assert.equal(runError(ours), ours);
});

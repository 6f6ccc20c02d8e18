import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOnnx } from "../../../../runtime/doctor/onnx.ts";

const answer = (...providers: readonly object[]): string => `what a driver prints\n${JSON.stringify({ release: "onnxruntime 1.30.0", providers })}\n`;

test("onnxruntime's providers, those that are missing together by their reason", async () => {
  const step = (provider: string, reason: string) => ({ provider, works: reason === "", reason });
  const { verdict, detail } = await checkOnnx(async () => answer(step("cuda", "no library"), step("dml", "not built"), step("webgpu", ""), step("coreml", "not built"), step("cpu", "")));
  assert.equal(verdict, "ok");
  assert.equal(detail, "onnxruntime 1.30.0, computes with webgpu, cpu; not with cuda (no library); not with dml, coreml (not built)");
});

test("without onnxruntime, or with an answer of another's, ONNX models cannot run, and the rest can", async () => {
  for (const ask of [async () => "", async () => '{"release": 1}', async () => await Promise.reject(new Error("onnxruntime does not start: no glibc"))]) {
    const { verdict, detail, fix } = await checkOnnx(ask);
    assert.equal(verdict, "warning");
    assert.match(detail, /^ONNX models cannot run: (?:the process that tried it gave no answer|onnxruntime does not start: no glibc)$/);
    assert.match(fix ?? "", /npm ci/);
  }
});

test("here the CPU computes, whatever else is missing", async () => {
  const { detail } = await checkOnnx();
  assert.match(detail, /^onnxruntime \d+\.\d+\.\d+, computes with (?:\w+, )*cpu(?:;|$)/);
});

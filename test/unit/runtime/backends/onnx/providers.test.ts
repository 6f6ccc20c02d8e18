import assert from "node:assert/strict";
import { test } from "node:test";
import { passedOver, walkProviders, workingProviders } from "../../../../../runtime/backends/onnx/providers.ts";

const only = (...there: string[]) => async (provider: string): Promise<void> => {
  if (!there.includes(provider)) throw new Error(`/x/onnxruntime_src/onnxruntime/a.cc:136 void onnxruntime::Make(int) no ${provider} here`);
};

test("every provider is asked in the order of the configuration, once, and the CPU never", async () => {
  const asked: string[] = [];
  const steps = await walkProviders(["cuda", "cpu", "webgpu", "cuda"], async (provider) => {
    asked.push(provider);
    await only("webgpu")(provider);
  });
  assert.deepEqual(asked, ["cuda", "webgpu"]);
  assert.deepEqual(steps.map(({ provider, works }) => [provider, works]), [["cuda", false], ["cpu", true], ["webgpu", true]]);
  assert.deepEqual(workingProviders(steps), ["cpu", "webgpu"]);
});

test("reasons are told without onnxruntime's own source places", async () => {
  // The CPU is part of every build, so that its provider can stand for one that the build has and that does not work.
  const steps = [{ provider: "cuda" as const, works: false, reason: "no cuda here" }, { provider: "cpu" as const, works: true, reason: "" }];
  assert.equal(passedOver(steps), "cuda: no cuda here");
  assert.throws(() => workingProviders(steps.slice(0, 1)), { code: "model_load_failed", param: "onnx.providers", message: /cuda: no cuda here/ });
});

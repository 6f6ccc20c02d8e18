import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import type { LoadOptions } from "../../../../../runtime/backends/backend.ts";
import { describeDevice, layersThatFit, onCpu } from "../../../../../runtime/backends/llama/placement.ts";
import type { TakenStep } from "../../../../../runtime/gpu/chain.ts";

const folder = { name: "x", path: "/x", release: "v1", fallback: undefined, files: { llama: "", ggml: "", ggmlBase: "" } };
const devices = [{ name: "Vulkan0", description: "Card", freeBytes: 1, totalBytes: 2 }];
const step: TakenStep = { kind: "vulkan", taken: true, reason: "Card", folder, devices };
const options: LoadOptions = {
  path: "/m.gguf", parallel: 1, kvLayout: "auto", kvType: "f16", flashAttention: "auto", batch: 32, gpu: "auto", gpuLayers: "auto",
  draftTokens: 0, candidates: 1, adapters: [], checkMemory: true,
};

suite("layers that fit", () => {
  test("property: the most that fit, and all are tried first", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 250 }), (layers, room) => {
      const tried: number[] = [];
      const found = layersThatFit(layers, (count) => (tried.push(count), count <= room));
      assert.equal(found, Math.min(layers, room));
      assert.equal(tried[0], layers);
      assert.ok(tried.length <= 2 + Math.ceil(Math.log2(layers + 1)), `${tried.length} predictions`);
    }));
  });
});

suite("a GPU that turns out not to do", () => {
  test("is passed over with auto, and the reason is kept", () => {
    const placement = onCpu(step, options, "it has no memory");
    assert.deepEqual({ ...describeDevice(placement), name: "" }, { kind: "cpu", name: "", layers: 0, reason: "vulkan: it has no memory" });
  });

  test("is an error when it, or a number of layers, was asked for", () => {
    const refused = { code: "model_does_not_fit", param: "gpu", message: /\/m\.gguf cannot be put on vulkan: it has no memory/ };
    assert.throws(() => onCpu(step, { ...options, gpu: "vulkan" }, "it has no memory"), refused);
    assert.throws(() => onCpu(step, { ...options, gpuLayers: 3 }, "it has no memory"), refused);
  });
});

test("a device is named with what is on it", () => {
  assert.deepEqual(describeDevice({ step, layers: 3, reason: "" }), { kind: "vulkan", name: "Card", layers: 3, reason: "" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { layerOf } from "../../../../webviews/flame/tracks.ts";

test("a layer's number is read from the names that GGUF and exporters to ONNX give operations", () => {
  const names: readonly (readonly [string, number | null])[] = [
    ["blk.3.attn_q", 3], ["blk.12.ffn_down.weight", 12], ["/model/layers.7/self_attn/MatMul", 7], ["transformer.h.0.mlp", 0], ["encoder/layer_11/output", 11], ["output", null], ["Conv_7", null],
    ["blk.x", null], ["sublayers.1.x", null],
  ];
  for (const [name, layer] of names) assert.equal(layerOf(name), layer, name);
});

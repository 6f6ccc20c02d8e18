import assert from "node:assert/strict";
import { test } from "node:test";
import { layerOf } from "../../../../../../runtime/backends/llama/ops/layer.ts";

test("the block is read off a node's name, its weights or its cache", () => {
  assert.equal(layerOf(["Qcur-0"]), 0);
  assert.equal(layerOf(["ffn_out-12 (reshaped)"]), 12);
  assert.equal(layerOf(["node_25", "blk.7.attn_output.weight"]), 7);
  assert.equal(layerOf(["node_25", "cache_k_l3 (view) (permuted)"]), 3);
});

test("names that say nothing of a block give none", () => {
  for (const name of ["result_output", "embd", "node_25", "token_embd.weight", "leaf_3", "", "-4", "x-", "blk.x.y"]) assert.equal(layerOf([name]), null, name);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseContext } from "../../../../../runtime/backends/llama/model.ts";

test("the context is what was asked for, else the trained length as far as memory for it is no surprise", () => {
  assert.equal(chooseContext("m.gguf", 4096, 2048), 4096);
  assert.equal(chooseContext("m.gguf", 131_072, 131_072), 131_072);
  assert.equal(chooseContext("m.gguf", undefined, 2048), 2048);
  assert.equal(chooseContext("m.gguf", undefined, 131_072), 8192);
  assert.throws(() => chooseContext("m.gguf", 20_000, 2048), { code: "model_load_failed", param: "context" });
});

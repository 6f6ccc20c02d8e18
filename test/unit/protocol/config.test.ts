import assert from "node:assert/strict";
import { test } from "node:test";
import { Config } from "../../../protocol/config.ts";

const parse = (value: unknown) => Config.safeParse(value);
const pathOf = (value: unknown) => parse(value).error?.issues[0]?.path.join(".");

test("an empty file is a whole configuration", () => {
  const config = Config.parse({});
  assert.equal(config.server.host, "127.0.0.1");
  assert.deepEqual(config.models, {});
});

test("a model needs only its source", () => {
  const model = Config.parse({ models: { "qwen3:0.6b": { source: "models/q.gguf" } } }).models["qwen3:0.6b"];
  assert.deepEqual(model, {
    source: "models/q.gguf", parallel: 4, batch: 512, gpu: "auto", gpu_layers: "auto", kv_layout: "auto", kv_type: "f16", flash_attention: "auto", deterministic: false,
    prefix_cache: { enabled: true, disk_mb: 0 }, speculation: { mode: "off", max_tokens: 16, candidates: 2 }, lora: [], overflow: "error", pooling: "auto",
    check_memory: true,
    onnx: {
      providers: ["cpu"], optimization: "all", cache_optimized: true, dimensions: {}, arena: true, max_batch: 32, max_batch_tokens: 16_384, batch_wait_ms: 2, run_limit_s: 120,
    },
  });
});

test("what is wrong is named by its path", () => {
  assert.equal(pathOf({ models: { a: { source: "" } } }), "models.a.source");
  assert.equal(pathOf({ models: { a: { source: "x", context: 12 } } }), "models.a.context");
  assert.equal(pathOf({ models: { a: { source: "x", sampling: { temperature: "hot" } } } }), "models.a.sampling.temperature");
  assert.equal(pathOf({ server: { port: 70_000 } }), "server.port");
});

test("unknown keys are refused, not ignored", () => {
  assert.equal(parse({ modles: {} }).success, false);
  assert.equal(parse({ models: { a: { source: "x", contxt: 4096 } } }).success, false);
});

test("a name must be fit for URLs and metric labels", () => {
  for (const name of ["", "-a", "a b", "a\n", "ä", "x".repeat(101)]) assert.equal(parse({ models: { [name]: { source: "x" } } }).success, false, name);
});

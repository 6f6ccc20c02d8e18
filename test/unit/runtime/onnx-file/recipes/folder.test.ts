import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { graph, model, node, value } from "../../../../../runtime/onnx-file/build.ts";
import { readFolder } from "../../../../../runtime/onnx-file/recipes/folder.ts";
import { linear, put, temporaryFolder } from "../files.ts";

test("a repository of Hugging Face: the model in onnx/, the rest above", async (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, "onnx"));
  mkdirSync(join(root, "1_Pooling"));
  for (const [name, content] of Object.entries({
    "config.json": { architectures: ["BertModel"], max_position_embeddings: 514, id2label: { 0: "A", 1: "B" } }, "tokenizer.json": {}, "tokenizer_config.json": { model_max_length: 256 },
    "1_Pooling/config.json": { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
    "preprocessor_config.json": { size: { shortest_edge: 256 }, do_center_crop: true, crop_size: { width: 224, height: 224 }, rescale_factor: 0.5, image_mean: [1], image_std: [2] },
  })) writeFileSync(join(root, name), JSON.stringify(content));
  put(join(root, "onnx"), "model.onnx", model(linear()));
  put(join(root, "onnx"), "model_q4.onnx", model(linear()));
  for (const [asked, first] of [[join(root, "onnx", "model_q4.onnx"), "onnx/model_q4.onnx"], [root, "onnx/model.onnx"]] as const) {
    const { folder, facts } = await readFolder(asked);
    assert.equal(folder, root);
    assert.equal(facts.models[0]?.file, first);
    assert.equal(facts.models.length, 2);
    const { models: _, ...others } = facts;
    assert.deepEqual(others, {
      tokenizer: "tokenizer.json", architectures: ["BertModel"], labels: { file: "config.json", count: 2 }, maxTokens: 256, pooling: "cls",
      image: { width: 224, height: 224, scale: 0.5, resize: "cover", mean: [1], std: [2] }, lists: [], vocabularies: [],
    });
  }
});

test("neighbours that are broken are no neighbours", async (t) => {
  const root = temporaryFolder(t);
  put(root, "b.onnx", new Uint8Array(10));
  const path = put(root, "a.onnx", model(linear()));
  writeFileSync(join(root, "config.json"), "{ not json");
  writeFileSync(join(root, "preprocessor_config.json"), '{"size": "large", "image_mean": "none"}');
  writeFileSync(join(root, "labels.txt"), "cat\r\ndog\r\n \r\n");
  writeFileSync(join(root, "readme.txt"), `short\n${"long ".repeat(100)}`);
  const { facts } = await readFolder(path);
  assert.deepEqual(facts.models.map(({ file }) => file), ["a.onnx"]);
  assert.deepEqual(facts.labels, { file: "labels.txt", count: 3 });
  assert.deepEqual(facts.lists, [{ file: "labels.txt", lines: 3 }]);
  assert.equal(facts.image?.mean, undefined);
  assert.equal(facts.maxTokens, null);
});

test("a folder leads to its model when it is clear which that is", async (t) => {
  const root = temporaryFolder(t);
  await assert.rejects(readFolder(root), { code: "model_file_missing" });
  await assert.rejects(readFolder(join(root, "none")), { code: "model_file_missing" });
  const other = graph({ nodes: [node("Relu", ["x"], ["y"])], inputs: [value("x", "float32", [1])], outputs: [value("y", "float32", [1])] });
  put(root, "one.onnx", model(other));
  assert.equal((await readFolder(root)).facts.models[0]?.file, "one.onnx");
  put(root, "two.onnx", model(other));
  await assert.rejects(readFolder(root), { code: "usage", message: /one\.onnx, two\.onnx/ });
  await assert.rejects(readFolder(put(root, "broken.onnx", new Uint8Array(3))), { code: "model_file_invalid" });
});

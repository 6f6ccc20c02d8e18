import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { manifestName } from "../../../../../protocol/manifest.ts";
import { openModelFolder } from "../../../../../runtime/backends/onnx/manifest.ts";
import { temporaryFolder } from "../../onnx-file/files.ts";

test("a folder's manifest, with its defaults, and its files by their names", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "parts"));
  writeFileSync(join(folder, "parts", "a.onnx"), "");
  writeFileSync(join(folder, manifestName), "task: embedding\nmodel: parts/a.onnx\npooling: cls\n");
  const { manifest, name, file } = openModelFolder(folder);
  assert.ok(manifest.task === "embedding");
  assert.deepEqual([manifest.pooling, manifest.normalize, manifest.tensors.ids], ["cls", true, "input_ids"]);
  assert.equal(name, folder.split("/").at(-1));
  assert.equal(file("parts/a.onnx"), join(folder, "parts", "a.onnx"));
});

test("a bare ONNX file is raw", (t) => {
  const path = join(temporaryFolder(t), "a.onnx");
  writeFileSync(path, "");
  const { manifest, name, file } = openModelFolder(path);
  assert.deepEqual(manifest, { task: "raw", model: "a.onnx" });
  assert.deepEqual([name, file("a.onnx")], ["a.onnx", path]);
});

const bad: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ["no task", "model: a.onnx\n", /:1:1: task: is missing; it is one of embedding, rerank, /],
  ["a task that a manifest cannot have", "model: a.onnx\ntask: chat\n", /:2:7: task: "chat" is none that a manifest can have/],
  ["a task with a slip", "task: embeding\n", /Did you mean "embedding"\?$/],
  ["an empty file", "", /task: is missing/],
  ["a list", "- a\n", /task: is missing/],
  ["no YAML", "task: [\n", /inferno\.model\.yaml:\d+:\d+: /],
  ["an unknown key, with the near one", "task: embedding\npoolin: mean\n", /:2:1: poolin: no such key\. Did you mean "pooling"\?$/],
  ["an unknown key further in", "task: embedding\ntensors:\n  idz: a\n", /:3:3: tensors\.idz: no such key\. Did you mean "ids"\?$/],
  ["another task's key", "task: raw\npooling: mean\n", /:2:1: pooling: no such key\.$/],
  ["a wrong type", "task: embedding\nmax_tokens: many\n", /:2:13: max_tokens: .*number/],
  ["a key that is missing", "task: image-classification\nlabels: [a]\n", /: image: /],
];
for (const [what, text, message] of bad) {
  test(`a manifest with ${what} says its line`, (t) => {
    const path = join(temporaryFolder(t), manifestName);
    writeFileSync(path, text);
    assert.throws(() => openModelFolder(path), { code: "manifest_invalid", message });
  });
}

test("a file that the manifest names and that is not there says the line that names it", (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, manifestName), "task: embedding\n# below\nmodel: parts/a.onnx\n");
  mkdirSync(join(folder, "tokenizer.json"));
  const { file } = openModelFolder(folder);
  assert.throws(() => file("parts/a.onnx"), { code: "manifest_invalid", message: /inferno\.model\.yaml:3:8: .*parts\/a\.onnx does not exist\.$/ });
  // By default, so in no line.
  assert.throws(() => file("tokenizer.json"), { code: "manifest_invalid", message: /inferno\.model\.yaml: .*tokenizer\.json is not a file\.$/ });
});

test("what is not there, and what is not UTF-8", (t) => {
  const folder = temporaryFolder(t);
  assert.throws(() => openModelFolder(join(folder, "none")), { code: "model_file_missing" });
  assert.throws(() => openModelFolder(folder), { code: "manifest_invalid", message: /Cannot read .*inferno\.model\.yaml/ });
  writeFileSync(join(folder, manifestName), Uint8Array.of(0xff, 0xfe));
  assert.throws(() => openModelFolder(folder), { code: "manifest_invalid", message: /UTF-8/ });
});

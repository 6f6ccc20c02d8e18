import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { Config } from "../../../../protocol/config.ts";
import { ModelRegistry, same } from "../../../../runtime/config/registry.ts";

const file = (path: string, models: object) => ({ path, config: Config.parse({ models }) });
const registryOf = (allowFake = false) => new ModelRegistry({ packageRoot: "/package", allowFake });

it("has the embedded model without any configuration, and gives its name away on request", () => {
  const registry = registryOf();
  assert.equal(registry.get("ember").source, "/package/runtime/models/ember/ember-q8_0.gguf");
  assert.equal(registry.get("ember").origin, "embedded");
  assert.deepEqual(registry.get("ember").config.sampling, { temperature: 0, max_tokens: 512 });
  registry.attach(file("/p/inferno.yaml", { ember: { source: "mine.gguf" } }));
  assert.deepEqual([registry.get("ember").source, registry.all.length], ["/p/mine.gguf", 1]);
});

it("resolves sources against their file, and leaves remote and absolute ones alone", () => {
  const registry = registryOf();
  registry.attach(file("/p/q/inferno.yaml", { a: { source: "../m/a.gguf" }, b: { source: "/abs/b.gguf" }, c: { source: "hf:o/r:Q8_0" } }));
  assert.deepEqual(["a", "b", "c"].map((name) => [registry.get(name).kind, registry.get(name).source]), [["file", "/p/m/a.gguf"], ["file", "/abs/b.gguf"], ["remote", "hf:o/r:Q8_0"]]);
});

it("takes in an ONNX file that cannot be downloaded, and says so to who asks for it", () => {
  const registry = registryOf();
  registry.attach(file("/p/inferno.yaml", { a: { source: "hf:o/r/onnx/model.onnx" }, b: { source: "b.gguf" } }));
  assert.equal(registry.get("b").source, "/p/b.gguf");
  assert.throws(() => registry.get("a"), { code: "model_download_failed", message: /^hf:o\/r\/onnx\/model\.onnx is an ONNX file/, hint: /inferno models add/ });
});

it("takes `fake:` for a file's name unless tests ask for the fake engine", () => {
  const config = file("/p/inferno.yaml", { a: { source: "fake:echo" } });
  const strict = registryOf();
  strict.attach(config);
  assert.deepEqual([strict.get("a").kind, strict.get("a").source], ["file", "/p/fake:echo"]);
  const lenient = registryOf(true);
  lenient.attach(config);
  assert.deepEqual([lenient.get("a").kind, lenient.get("a").source], ["fake", "fake:echo"]);
});

it("takes the same model from two files, refuses two under one name, and forgets what a file no longer says", () => {
  const registry = registryOf();
  let changes = 0;
  registry.changed.on(() => (changes += 1));
  registry.attach(file("/p/one.yaml", { a: { source: "a.gguf" } }));
  registry.attach(file("/p/two.yaml", { a: { source: "./a.gguf" }, b: { source: "b.gguf" } }));
  assert.throws(() => registry.attach(file("/q/three.yaml", { a: { source: "a.gguf" } })), { code: "alias_conflict", param: "models.a" });
  assert.throws(() => registry.attach(file("/q/three.yaml", { a: { source: "/p/a.gguf", context: 512 } })), { code: "alias_conflict" });
  assert.equal(changes, 2);
  registry.attach(file("/p/two.yaml", {}));
  assert.throws(() => registry.get("b"), { code: "model_not_found" });
  assert.equal(registry.get("a").source, "/p/a.gguf");
});

it("records text unless a file in use forbids it", () => {
  const registry = registryOf();
  const silent = { path: "/p/inferno.yaml", config: Config.parse({ traces: { text: false } }) };
  assert.equal(registry.recordsText, true);
  registry.attach(silent);
  registry.attach(file("/q/inferno.yaml", {}));
  assert.equal(registry.recordsText, false);
  registry.attach(file(silent.path, {}));
  assert.equal(registry.recordsText, true);
});

it("names the near model, or all of them", () => {
  const registry = registryOf();
  assert.throws(() => registry.get("embr"), /Did you mean "ember"\?/);
  assert.throws(() => registry.get("gpt-4"), /There are: ember\./);
});

describe("an ONNX model", () => {
  const inFolder = (t: TestContext) => {
    const folder = mkdtempSync(join(tmpdir(), "inferno-registry-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const write = (name: string, text: string): void => {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    const registry = registryOf();
    const attach = (models: object): void => registry.attach(file(join(folder, "inferno.yaml"), models));
    const described = (name: string) => [registry.get(name).engine, registry.get(name).task, registry.get(name).source.slice(folder.length + 1)];
    return { registry, write, attach, described };
  };

  it("is an ONNX file, a manifest or its folder, and its manifest says what it is for", (t) => {
    const { write, attach, described } = inFolder(t);
    write("minilm/inferno.model.yaml", "task: embedding\n");
    write("cat.model.yaml", "task: image-classification\nnonsense: the engine says so\n");
    attach({ bare: { source: "Graph.ONNX" }, folder: { source: "minilm" }, manifest: { source: "cat.model.yaml" }, told: { source: "minilm", task: "embedding" }, gguf: { source: "m.gguf" } });
    assert.deepEqual(["bare", "folder", "manifest", "told", "gguf"].map(described), [
      ["onnx", "raw", "Graph.ONNX"], ["onnx", "embedding", "minilm"], ["onnx", "image-classification", "cat.model.yaml"], ["onnx", "embedding", "minilm"], ["llama", "chat", "m.gguf"],
    ]);
  });

  it("whose manifest is bad is in nobody's way, and says why when it is asked", (t) => {
    const { registry, write, attach, described } = inFolder(t);
    write("yaml/inferno.model.yaml", "task: [");
    write("task/inferno.model.yaml", "task: sing\n");
    write("none/inferno.model.yaml", "model: a.onnx\n");
    write("other/inferno.model.yaml", "task: rerank\n");
    attach({
      yaml: { source: "yaml" }, task: { source: "task" }, none: { source: "none" }, other: { source: "other", task: "embedding" }, bare: { source: "a.onnx", task: "embedding" },
      gone: { source: "gone.model.yaml" }, good: { source: "m.gguf" },
    });
    const why = (name: string, message: RegExp, code = "manifest_invalid") => assert.throws(() => registry.get(name), { code, message }, name);
    why("yaml", /inferno\.model\.yaml:1:/);
    why("task", /inferno\.model\.yaml:1:7: task: there is no task "sing"/);
    why("none", /task: is missing/);
    why("other", /is for the task "rerank", and the configuration says "embedding"/);
    why("bare", /has no manifest/);
    why("gone", /does not exist/, "model_file_missing");
    assert.deepEqual(described("good"), ["llama", "chat", "m.gguf"]);
    assert.equal(registry.all.length, 8);
  });

  it("whose manifest is corrected can be asked without a new configuration", (t) => {
    const { registry, write, attach, described } = inFolder(t);
    write("m/inferno.model.yaml", "task: sing\n");
    attach({ m: { source: "m" } });
    assert.throws(() => registry.get("m"), { code: "manifest_invalid" });
    let changes = 0;
    registry.changed.on(() => (changes += 1));
    write("m/inferno.model.yaml", "task: vad\n");
    assert.deepEqual([described("m"), changes], [["onnx", "vad", "m"], 1]);
  });

  it("whose manifest changes its task is another model, also to a second file that names it alike", (t) => {
    const { registry, write, attach } = inFolder(t);
    write("m/inferno.model.yaml", "task: vad\n");
    attach({ m: { source: "m" } });
    const before = registry.get("m");
    write("m/inferno.model.yaml", "task: wake-word\n");
    registry.attach(file("/q/inferno.yaml", { m: { source: before.source } }));
    assert.deepEqual([registry.get("m").task, same(before, registry.get("m")), same(before, before)], ["wake-word", false, true]);
  });
});

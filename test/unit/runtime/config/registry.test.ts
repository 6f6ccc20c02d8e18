import assert from "node:assert/strict";
import { it } from "node:test";
import { Config } from "../../../../protocol/config.ts";
import { ModelRegistry } from "../../../../runtime/config/registry.ts";

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

import assert from "node:assert/strict";
import { test } from "node:test";
import { AdapterSet } from "../../../../runtime/host/adapter-set.ts";

const adapter = (name: string, scale = 1) => ({ name, path: `/${name}.gguf`, scale });

test("a request's scales go before the configured ones, and 0 leaves an adapter out", () => {
  const set = new AdapterSet({}, [adapter("a", 0.5), adapter("b", 0)]);
  assert.deepEqual(set.of({ adapters: [] }), [{ adapter: 0, scale: 0.5 }]);
  assert.deepEqual(set.of({ adapters: [{ name: "a", scale: 0 }, { name: "b", scale: 2 }] }), [{ adapter: 1, scale: 2 }]);
  assert.throws(() => set.of({ adapters: [{ name: "c", scale: 1 }] }), { code: "adapter_not_found" });
});

test("an exchange loads only what is new, and no index ever means another file", () => {
  const loaded: string[] = [];
  const set = new AdapterSet({ loadAdapter: (path) => void loaded.push(path) }, [adapter("a"), adapter("b")]);
  assert.equal(set.set([adapter("b", 3), adapter("c")]), 1);
  assert.deepEqual(loaded, ["/c.gguf"]);
  assert.deepEqual(set.of({ adapters: [] }), [{ adapter: 1, scale: 3 }, { adapter: 2, scale: 1 }]);
  assert.throws(() => set.of({ adapters: [{ name: "a", scale: 1 }] }), { code: "adapter_not_found" });
  // The same name with another file is another adapter.
  set.set([{ ...adapter("c"), path: "/other.gguf" }]);
  assert.deepEqual(set.of({ adapters: [] }), [{ adapter: 3, scale: 1 }]);
});

test("a file that cannot be loaded changes nothing that was there", () => {
  const set = new AdapterSet({ loadAdapter: () => { throw new Error("no file"); } }, [adapter("a")]);
  assert.throws(() => set.set([adapter("b")]), /no file/);
  assert.deepEqual(set.of({ adapters: [] }), [{ adapter: 0, scale: 1 }]);
});

test("an exchange in which the second file fails changes nothing, and the first is not loaded again", () => {
  const loaded: string[] = [];
  const set = new AdapterSet({ loadAdapter: (path) => {
    if (path === "/bad.gguf") throw new Error("no file");
    loaded.push(path);
  } }, [adapter("a")]);
  assert.throws(() => set.set([adapter("b"), adapter("bad")]), /no file/);
  assert.deepEqual(set.of({ adapters: [] }), [{ adapter: 0, scale: 1 }]);
  assert.throws(() => set.of({ adapters: [{ name: "b", scale: 1 }] }), { code: "adapter_not_found" });
  assert.equal(set.set([adapter("b", 2)]), 0);
  assert.deepEqual([loaded, set.of({ adapters: [] })], [["/b.gguf"], [{ adapter: 1, scale: 2 }]]);
});

test("what may be shared is known by the files, not by their places", () => {
  const [first, second] = [new AdapterSet({}, [adapter("a"), adapter("b")]), new AdapterSet({}, [adapter("b"), adapter("c")])];
  const b = first.namespaceOf([{ adapter: 1, scale: 1 }]);
  assert.equal(second.namespaceOf([{ adapter: 0, scale: 1 }]), b);
  assert.notEqual(second.namespaceOf([{ adapter: 1, scale: 1 }]), b);
  assert.notEqual(first.namespaceOf([{ adapter: 1, scale: 2 }]), b);
  assert.equal(first.namespaceOf([]), "");
});

test("one that is not wanted any more is freed once nobody uses it, and loaded again when it is wanted", () => {
  const said: string[] = [];
  const engine = { loadAdapter: (path: string) => void said.push(`load ${path}`), freeAdapter: (index: number) => void said.push(`free ${index}`) };
  const set = new AdapterSet(engine, [adapter("a"), adapter("b")]);
  set.set([adapter("b")]);
  set.freeUnwanted(new Set([0, 1]));
  assert.deepEqual(said, []);
  set.freeUnwanted(new Set());
  set.freeUnwanted(new Set());
  assert.deepEqual(said, ["free 0"]);
  set.set([adapter("b"), adapter("a")]);
  assert.deepEqual(said, ["free 0", "load /a.gguf"]);
  assert.deepEqual(set.of({ adapters: [] }), [{ adapter: 1, scale: 1 }, { adapter: 2, scale: 1 }]);
});

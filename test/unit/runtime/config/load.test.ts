import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { InfernoError } from "../../../../protocol/errors.ts";
import { loadConfig, parseConfig } from "../../../../runtime/config/load.ts";
import { editDistance, nearest } from "../../../../base/near.ts";

function findings(text: string): string[] {
  try {
    parseConfig(text, "f");
  } catch (error) {
    assert.ok(error instanceof InfernoError && error.code === "config_invalid", String(error));
    return error.message.split("\n");
  }
  return [];
}

describe("inferno.yaml", () => {
  it("may be empty, and has defaults", () => {
    for (const text of ["", "# nothing\n", "models:\n  a:\n    source: x.gguf\n"]) {
      const config = parseConfig(text, "f");
      assert.equal(config.server.host, "127.0.0.1");
      assert.equal(config.traces.keep, 1000);
    }
    assert.equal(parseConfig("models: {a: {source: x}}", "f").models["a"]?.parallel, 4);
  });

  const cases: readonly (readonly [string, string, readonly RegExp[]])[] = [
    ["broken YAML", "models:\n  a: [1\n", [/^f:3:1: /]],
    ["a key twice", "models:\n  a: {source: x}\n  a: {source: y}\n", [/^f:3:3: .*unique/i]],
    ["an unknown key, with the near one", "model:\n  a: {source: x}\n", [/^f:1:1: model: no such key\. Did you mean "models"\?$/]],
    ["an unknown key that is near nothing", "wallpaper: blue\n", [/^f:1:1: wallpaper: no such key\.$/]],
    ["an unknown key of a model", "models:\n  a:\n    source: x\n    contxt: 4096\n", [/^f:4:5: models\.a\.contxt: .*"context"/]],
    ["an unknown key of sampling", "models:\n  a:\n    source: x\n    sampling:\n      temprature: 1\n", [/^f:5:7: models\.a\.sampling\.temprature: .*"temperature"/]],
    ["an unknown key of server and traces", "server:\n  prot: 1\ntraces:\n  kep: 2\n", [/^f:2:3: server\.prot: .*"port"/, /^f:4:3: traces\.kep: .*"keep"/]],
    ["a wrong type, at the value", "models:\n  a:\n    source: x\n    context: many\n", [/^f:4:14: models\.a\.context: /]],
    ["a missing key, at its map", "models:\n  a:\n    context: 512\n", [/^f:3:5: models\.a\.source: /]],
    ["an item of a list", "models:\n  a:\n    source: x\n    sampling:\n      stop: [ok, 7]\n", [/^f:5:18: models\.a\.sampling\.stop\.1: /]],
    ["a bad alias", "models:\n  'a b': {source: x}\n", [/^f:2:\d+: models\.a b: a name is letters/]],
    ["a list instead of a map", "- a\n", [/^f:1:1: the file: /]],
    ["an empty address, which would mean all", 'server: {host: ""}\n', [/^f:1:16: server\.host/]],
    ["several at once", "server: {port: -1, queue: 0}\n", [/^f:1:16: server\.port/, /^f:1:27: server\.queue/]],
  ];
  for (const [what, text, expected] of cases) {
    it(`names the place of ${what}`, () => {
      const found = findings(text);
      assert.equal(found.length, expected.length, found.join("\n"));
      for (const [index, pattern] of expected.entries()) assert.match(found[index]!, pattern);
    });
  }

  it("that cannot be read, or is not UTF-8, says so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "inferno-config-"));
    try {
      await assert.rejects(loadConfig(join(folder, "none.yaml")), { code: "config_missing" });
      await assert.rejects(loadConfig(folder), { code: "config_missing" });
      await writeFile(join(folder, "bad.yaml"), Buffer.from([0x6d, 0xff, 0xfe]));
      await assert.rejects(loadConfig(join(folder, "bad.yaml")), { code: "config_invalid" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("never makes anything but a configuration or a typed error of any text", () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: fc.constantFrom(...Array.from("models: {}[]-\n&*!a#'\"|>")) }), fc.json()), (text) => {
      try {
        parseConfig(text, "f");
      } catch (error) {
        assert.ok(error instanceof InfernoError && error.code === "config_invalid", String(error));
      }
    }), { numRuns: 500 });
  });
});

describe("the near name", () => {
  it("counts insertions, deletions, substitutions and swaps", () => {
    assert.deepEqual([["prot", "port"], ["kep", "keep"], ["abc", "abc"], ["", "ab"], ["source", "sauce"]].map(([a, b]) => editDistance(a!, b!)), [1, 1, 0, 2, 2]);
    fc.assert(fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
      assert.equal(editDistance(a, b) === 0, a === b);
    }));
  });

  it("is none when a word is too short or too far", () => {
    assert.equal(nearest("ab", ["xy"]), undefined);
    assert.equal(nearest("wallpaper", ["models", "server"]), undefined);
    assert.equal(nearest("Embr", ["ember", "echo"]), "ember");
  });
});

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { suite, test } from "node:test";
import { configFiles } from "../../../extension/config-files.ts";

const [one, two] = [resolve("/one"), resolve("/two")];
const files = (changes: Partial<Parameters<typeof configFiles>[0]>) => configFiles({ setting: "", folders: [one, two], trusted: true, exists: () => true, ...changes });

suite("configuration files of a window", () => {
  test("each folder's own, where there is one", () => {
    assert.deepEqual(files({}), [join(one, "inferno.yaml"), join(two, "inferno.yaml")]);
    assert.deepEqual(files({ exists: (path) => path.startsWith(two) }), [join(two, "inferno.yaml")]);
    assert.deepEqual(files({ folders: [] }), []);
  });

  test("the setting wins; a relative one is meant in the first folder", () => {
    const absolute = resolve("/other/inferno.yaml");
    assert.deepEqual(files({ setting: absolute }), [absolute]);
    assert.deepEqual(files({ setting: " config/a.inferno.yaml " }), [join(one, "config/a.inferno.yaml")]);
    assert.deepEqual(files({ setting: "a.inferno.yaml", folders: [] }), []);
  });

  test("none in a workspace that is not trusted, whatever it says", () => {
    assert.deepEqual(files({ trusted: false }), []);
    assert.deepEqual(files({ trusted: false, setting: resolve("/other/inferno.yaml") }), []);
  });
});

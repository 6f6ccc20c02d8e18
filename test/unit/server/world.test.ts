import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, suite, test } from "node:test";
import { diskWorld } from "../../../server/world.ts";

suite("disk world", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "inferno world "));
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "file"), "0123456789");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("paths are relative to the document; a document without a file has none", () => {
    const uri = pathToFileURL(join(folder, "inferno.yaml")).toString();
    assert.equal(diskWorld.resolve(uri, "sub/x.gguf"), join(folder, "sub/x.gguf"));
    assert.equal(diskWorld.resolve("untitled:Untitled-1", "x.gguf"), undefined);
  });

  test("tells files, folders and nothing apart", async () => {
    assert.equal((await diskWorld.stat(join(folder, "file")))?.kind, "file");
    assert.equal((await diskWorld.stat(join(folder, "sub")))?.kind, "folder");
    for (const path of ["none", "file/inside", "x".repeat(5000), "nul\0byte"]) assert.equal(await diskWorld.stat(join(folder, path)), undefined, path.slice(0, 20));
  });

  test("reads a range, and less at the end of the file", async () => {
    const read = async (offset: number, length: number) => new TextDecoder().decode(await diskWorld.read(join(folder, "file"), offset, length));
    assert.equal(await read(2, 3), "234");
    assert.equal(await read(8, 100), "89");
    assert.equal(await read(20, 5), "");
  });

  test("lists a folder; a missing one is empty", async () => {
    const entries = [...(await diskWorld.list(folder))].sort((a, b) => a.name.localeCompare(b.name));
    assert.deepEqual(entries, [{ name: "file", folder: false }, { name: "sub", folder: true }]);
    assert.deepEqual(await diskWorld.list(join(folder, "none")), []);
  });
});

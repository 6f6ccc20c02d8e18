import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, it } from "node:test";
import { homeFolder } from "../../../../runtime/home/folder.ts";
import { openHome, writing } from "../../../../runtime/home/home.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "inferno-home-"))));
afterEach(async () => await rm(folder, { recursive: true, force: true }));

it("is where INFERNO_HOME says, else .inferno in the home folder", () => {
  assert.equal(homeFolder({ INFERNO_HOME: "some/where" }), resolve("some/where"));
  assert.equal(homeFolder({ INFERNO_HOME: "" }), join(homedir(), ".inferno"));
  assert.equal(homeFolder({}), join(homedir(), ".inferno"));
});

it("is made for its user only, and may be there already", async () => {
  const home = join(folder, "a", "b");
  const paths = openHome(home);
  for (const each of [home, paths.models, paths.gpu, join(home, "logs")]) assert.equal((await stat(each)).mode & 0o777, 0o700, each);
  assert.deepEqual(openHome(home), paths);
});

it("that cannot be written is a typed error with the reason", async () => {
  await writeFile(join(folder, "file"), "");
  assert.throws(() => openHome(join(folder, "file")), { code: "home_unwritable", message: /file.*EEXIST|file.*ENOTDIR/ });
  assert.throws(() => openHome(join(folder, "file", "below")), { code: "home_unwritable" });
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  assert.throws(() => writing(folder, () => { throw full; }), { code: "home_unwritable", message: /no space left/, cause: full });
});

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LearnedThreads } from "../../../../../../runtime/backends/llama/threads/learned.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-threads-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("each machine and model has its own counts", () => {
  const path = join(folder, "new", "threads.json");
  assert.equal(new LearnedThreads(path, "a").read().size, 0);
  new LearnedThreads(path, "a").write(new Map([[0, 2], [9, 4]]));
  new LearnedThreads(path, "b").write(new Map([[0, 8]]));
  assert.deepEqual(new LearnedThreads(path, "a").read(), new Map([[0, 2], [9, 4]]));
  assert.deepEqual(new LearnedThreads(path, "b").read(), new Map([[0, 8]]));
  assert.deepEqual(readdirSync(join(folder, "new")), ["threads.json"], "nothing is left over");
});

test("a broken file is no obstacle, and is replaced", () => {
  const path = join(folder, "threads.json");
  for (const text of ["{", "[1]", '{"a":{"0":-3}}', '{"a":{"zero":3}}']) {
    writeFileSync(path, text);
    assert.equal(new LearnedThreads(path, "a").read().size, 0, text);
  }
  new LearnedThreads(path, "a").write(new Map([[0, 2]]));
  assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), { a: { 0: 2 } });
});

test("a folder that cannot be written costs nothing but the memory", () => {
  const path = join(folder, "threads.json", "threads.json");
  new LearnedThreads(path, "a").write(new Map([[0, 2]]));
  assert.equal(new LearnedThreads(path, "a").read().size, 0);
});

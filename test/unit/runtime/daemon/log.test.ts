import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, it } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import { fileLogger, logFailure } from "../../../../runtime/daemon/log.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "inferno-log-"))));
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const numbers = (text: string) => text.trim().split("\n").map((line) => (JSON.parse(line) as { msg: string }).msg);

it("keeps the latest lines in two files of limited size", async () => {
  const path = join(folder, "daemon.log");
  const log = fileLogger(path, 1000);
  for (let line = 0; line < 100; line += 1) log.info(String(line));
  const [older, newer] = [await readFile(`${path}.1`, "utf8"), await readFile(path, "utf8")];
  assert.ok(older.length <= 1000 && newer.length <= 1000);
  const kept = numbers(older + newer);
  assert.deepEqual(kept, Array.from({ length: kept.length }, (_, index) => String(100 - kept.length + index)));
});

it("goes on where the last daemon stopped", async () => {
  const path = join(folder, "daemon.log");
  fileLogger(path).info("one");
  fileLogger(path).info("two");
  assert.deepEqual(numbers(await readFile(path, "utf8")), ["one", "two"]);
});

it("that cannot be written is no reason to stop", async () => {
  await mkdir(join(folder, "daemon.log"));
  assert.doesNotThrow(() => fileLogger(join(folder, "daemon.log")).info("lost"));
});

it("says of a failure what caused it, and where", async () => {
  const path = join(folder, "daemon.log");
  const cause = new RangeError("out of range");
  logFailure(fileLogger(path), InfernoError.from(cause));
  const { code, err } = JSON.parse(await readFile(path, "utf8")) as { code: string; err: { stack: string } };
  assert.equal(code, "internal");
  assert.ok(err.stack.includes(cause.stack!), err.stack);
});

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, it } from "node:test";
import { findDaemon } from "../../../../runtime/daemon/find.ts";
import { takeLock } from "../../../../runtime/daemon/lock.ts";
import { Owners } from "../../../../runtime/daemon/owners.ts";
import { readRecord, removeRecord, writeRecord } from "../../../../runtime/daemon/record.ts";

let folder: string;
let lock: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inferno-lock-"));
  lock = join(folder, "daemon.lock");
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

/** Something that answers /health as the daemon of this pid. */
async function healthOf(pid: number): Promise<{ server: Server; url: string }> {
  const server = createServer((_, response) => response.end(JSON.stringify({ status: "ok", pid }))).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { server, url: `http://127.0.0.1:${address.port}` };
}

it("is taken, given back, and then free again", async () => {
  const first = await takeLock({ home: folder, pid: process.pid });
  assert.ok(first.kind === "taken");
  assert.equal(await readFile(lock, "utf8"), `${process.pid}\n`);
  first.release();
  assert.deepEqual(await readdir(folder), []);
});

it("without a pid, or with a dead one, is taken over", async () => {
  for (const text of ["", "nonsense", "2147483646\n"]) {
    await writeFile(lock, text);
    const outcome = await takeLock({ home: folder, pid: process.pid });
    assert.ok(outcome.kind === "taken", text);
    outcome.release();
  }
});

it("of a former process with this very pid is taken over without waiting, one of this process is not", async () => {
  await writeFile(lock, `${process.pid}\n`);
  const before = performance.now();
  const outcome = await takeLock({ home: folder, pid: process.pid, graceMs: 60_000 });
  assert.ok(outcome.kind === "taken");
  assert.ok(performance.now() - before < 50_000);
  let second = false;
  const waiting = takeLock({ home: folder, pid: process.pid }).then((taken) => {
    second = true;
    return taken;
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(second, false);
  outcome.release();
  const next = await waiting;
  assert.ok(next.kind === "taken");
  next.release();
});

it("that is no file at all is a typed error", async () => {
  await mkdir(lock);
  await assert.rejects(takeLock({ home: folder, pid: process.pid }), { code: "home_unwritable" });
});

it("is not given back by one who has lost it", async () => {
  const outcome = await takeLock({ home: folder, pid: process.pid });
  assert.ok(outcome.kind === "taken");
  await writeFile(lock, "1\n");
  outcome.release();
  assert.equal(await readFile(lock, "utf8"), "1\n");
});

it("of a daemon that starts just now is waited for, until it answers", async () => {
  await writeFile(lock, `${process.pid}\n`);
  const waiting = takeLock({ home: folder, pid: process.pid + 1 });
  const { server, url } = await healthOf(process.pid);
  try {
    const record = { url, token: "t", pid: process.pid, version: "1" };
    await writeRecord(folder, record);
    assert.deepEqual(await waiting, { kind: "found", record });
    assert.deepEqual(await findDaemon(folder), record);
  } finally {
    server.close();
  }
});

it("a record is no daemon when nothing answers, when another does, or when it is no record", async () => {
  assert.equal(await findDaemon(folder), null);
  const { server, url } = await healthOf(1);
  try {
    // The port was given to another daemon in the meantime.
    await writeRecord(folder, { url, token: "t", pid: process.pid, version: "1" });
    assert.equal(await findDaemon(folder), null);
  } finally {
    server.close();
  }
  await writeFile(join(folder, "daemon.json"), '{"url": 7}');
  assert.equal(await readRecord(folder), null);
});

it("a record is removed by its own daemon only", async () => {
  const record = { url: "http://127.0.0.1:1", token: "t", pid: 5, version: "1" };
  await writeRecord(folder, record);
  await removeRecord(folder, 6);
  assert.deepEqual(await readRecord(folder), record);
  await removeRecord(folder, 5);
  assert.equal(await readRecord(folder), null);
});

it("owners are alive as long as one of them is", () => {
  const alive = new Set([1, 2]);
  const owners = new Owners((pid) => alive.has(pid));
  owners.add(1);
  owners.add(2);
  alive.delete(1);
  assert.ok(owners.anyAlive());
  alive.delete(2);
  assert.ok(!owners.anyAlive());
  // A new process may get an old one's pid; it is no owner for that.
  alive.add(1);
  assert.ok(!owners.anyAlive());
});

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, it } from "node:test";
import Database from "better-sqlite3";
import type { Trace } from "../../../../protocol/trace.ts";
import { openTraceStore } from "../../../../runtime/store/trace-store.ts";
import type { StoredRecording } from "../../../../runtime/trace/recording.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inferno-store-"));
  path = join(folder, "traces.db");
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const trace = (id: string): Trace => ({
  id, model: "ember", route: "/v1/chat/completions", startedAt: "2026-01-01T00:00:00.000Z", status: "ok", errorCode: null, durationUs: 12.5,
  promptTokens: 3, completionTokens: 4, ttftUs: null, tokensPerSecond: 99.25, prompt: "zoë 🔥", completion: "", parameters: { seed: 1, stop: ["x"] },
  reuse: { tokens: 2, source: "cached", reason: "differs", differs: { position: 2, cached: "a", prompt: "b" } }, speculation: { drafted: 4, accepted: 3 },
  engine: null, template: "file", recording: "full", spans: [{ id: "0", parentId: null, name: "request", startUs: 0, durationUs: 12.5, attributes: { tokens: 3, greedy: true } }],
});

it("gives back what it was given, also after it was closed", async () => {
  const store = openTraceStore({ path, keep: 10 });
  await store.save(trace("a"), null);
  store.close();
  const again = openTraceStore({ path, keep: 10 });
  assert.deepEqual(again.get("a"), trace("a"));
  assert.equal(again.get("b"), null);
  again.close();
});

it("reads traces that were written before there was reuse, speculation and recording of tokens", async () => {
  const { reuse, speculation, template, recording, ...old } = trace("old");
  assert.ok(reuse && speculation && template && recording);
  const store = openTraceStore({ path, keep: 10 });
  await store.save(old as Trace, null);
  assert.deepEqual(store.get("old"), { ...old, reuse: null, speculation: null, template: null, recording: "off" });
  store.close();
});

const recording = (byte: number): StoredRecording => ({ recording: "full", complete: true, startUs: 1e12 + 0.5, cached: 7, bytes: new Uint8Array(40_000).fill(byte) });

it("keeps what was recorded of tokens apart from the trace, and as long as the trace", async () => {
  const store = openTraceStore({ path, keep: 2 });
  await store.save(trace("a"), recording(1));
  await store.save(trace("b"), null);
  assert.deepEqual(store.recording("a"), { ...recording(1), bytes: Buffer.from(recording(1).bytes) });
  assert.equal(store.recording("b"), null);
  assert.equal(store.recording("nobody"), null);
  await store.save(trace("c"), { ...recording(3), recording: "numbers", complete: false });
  assert.equal(store.recording("a"), null);
  store.close();
  const again = openTraceStore({ path, keep: 2 });
  const { bytes, ...facts } = again.recording("c") ?? recording(0);
  assert.deepEqual([facts, bytes.length, bytes[0]], [{ recording: "numbers", complete: false, startUs: 1e12 + 0.5, cached: 7 }, 40_000, 3]);
  again.close();
  const database = new Database(path);
  assert.equal(database.prepare("select count(*) from trace_tokens").pluck().get(), 1);
  database.close();
});

it("opens a store from before tokens were recorded, and its traces have none", async () => {
  const store = openTraceStore({ path, keep: 10 });
  await store.save(trace("old"), null);
  store.close();
  const database = new Database(path);
  database.exec("drop table trace_tokens; pragma user_version = 1");
  database.close();
  const again = openTraceStore({ path, keep: 10 });
  assert.equal(again.recording("old"), null);
  await again.save(trace("new"), recording(2));
  assert.equal(again.recording("new")?.bytes.length, 40_000);
  again.close();
});

it("a recording that cannot be read fails as the store does", async () => {
  const store = openTraceStore({ path, keep: 10 });
  await store.save(trace("a"), recording(1));
  const database = new Database(path);
  database.exec("update trace_tokens set parts = x'0102'");
  database.close();
  assert.throws(() => store.recording("a"), { code: "store_failed" });
  store.close();
});

it("lists newest first and keeps as many as it should", async () => {
  const store = openTraceStore({ path, keep: 3 });
  for (const id of ["a", "b", "c", "d", "e"]) await store.save(trace(id), null);
  assert.deepEqual(store.list(10).map(({ id }) => id), ["e", "d", "c"]);
  assert.deepEqual(store.list(1).map(({ id }) => id), ["e"]);
  store.close();
});

it("is read by a second process while the first writes", async () => {
  const writer = openTraceStore({ path, keep: 10 });
  const reader = openTraceStore({ path, keep: 10 });
  await writer.save(trace("a"), null);
  assert.equal(reader.get("a")?.id, "a");
  writer.close();
  reader.close();
});

it("fails with a typed error: a file that is no database, one of a newer version, a locked one, a full one", async () => {
  await writeFile(path, "this is no database, it only has a name like one\n".repeat(50));
  assert.throws(() => openTraceStore({ path, keep: 1 }), { code: "store_failed" });

  const newer = join(folder, "newer.db");
  const database = new Database(newer);
  database.pragma("user_version = 99");
  database.close();
  assert.throws(() => openTraceStore({ path: newer, keep: 1 }), /version 99, newer than/);

  const full = join(folder, "full.db");
  const store = openTraceStore({ path: full, keep: 10 });
  // The same refusal as from a full disk (SQLITE_FULL), made with a limit that only this file has.
  const other = new Database(full);
  other.exec("create trigger refuse before insert on traces begin select raise(abort, 'database or disk is full'); end");
  await assert.rejects(store.save(trace("a"), null), { code: "store_failed", message: /disk is full/ });
  other.exec("drop trigger refuse");
  other.exec("begin immediate");
  await assert.rejects(store.save(trace("a"), null), { code: "store_failed", message: /locked/ });
  other.exec("commit");
  other.close();
  await store.save(trace("a"), null);
  assert.equal(store.list(5).length, 1);
  store.close();
});

it("lets nobody else read it, nor the log that SQLite keeps beside it", { skip: process.platform === "win32" }, async () => {
  const store = openTraceStore({ path, keep: 10 });
  await store.save(trace("a"), null);
  const modes = await Promise.all((await readdir(folder)).map(async (name) => [name, (await stat(join(folder, name))).mode & 0o777]));
  assert.deepEqual(modes.sort(), [["traces.db", 0o600], ["traces.db-shm", 0o600], ["traces.db-wal", 0o600]]);
  store.close();
});

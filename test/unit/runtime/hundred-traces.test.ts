import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openFile } from "../../../extension/editors/open-file.ts";
import { FlameFileSession } from "../../../protocol/panels/flame-file-session.ts";
import { FlameSession } from "../../../protocol/panels/flame-session.ts";
import { openTraceFile } from "../../../protocol/panels/flame-open-file.ts";
import type { ToFlame } from "../../../protocol/panels/flame.ts";
import { startMemoryGateway } from "../../drivers/memory-gateway.ts";

const hundred = Array.from({ length: 100 }, (_, number) => number);

test("a hundred traces opened at once, from the daemon and as files", async (t) => {
  await using it = await startMemoryGateway({ models: { echo: { source: "fake:echo?stepUs=100&tokenUs=10&sampleUs=7" } } });
  for (const number of hundred) await it.client.call("chatCompletions", { body: { model: "echo", messages: [{ role: "user", content: `number ${number}` }] } });
  const ids = (await it.client.call("traces", { query: { limit: 100 } })).traces.map(({ id }) => id);
  assert.equal(new Set(ids).size, 100);

  const shown = await Promise.all(ids.map(async (traceId) => {
    const messages: ToFlame[] = [];
    await new FlameSession({ client: async () => it.client, post: (message) => messages.push(message), copy: async () => {}, openTokens: () => {}, traceId, atUs: null }).receive({ type: "ready" });
    return messages.find((message) => message.type === "trace")?.trace.id;
  }));
  assert.deepEqual(shown, ids);

  const folder = await mkdtemp(join(tmpdir(), "inferno-hundred-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await Promise.all(ids.map(async (id) => await writeFile(join(folder, id), await it.client.call("traceFile", { params: { id } }))));
  const sessions = ids.map((id) => {
    const messages: ToFlame[] = [];
    const session = new FlameFileSession({ open: async () => await openTraceFile(await openFile(join(folder, id)), { name: id }), post: (message) => messages.push(message), copy: async () => {} });
    return { id, session, messages };
  });
  await Promise.all(sessions.map(async ({ session }) => await session.receive({ type: "ready" })));
  for (const { id, messages } of sessions) {
    const [message] = messages;
    assert.ok(message?.type === "file" && message.columns.count > 10 && message.file.leftOut === 0);
    assert.equal(message.trace.id, id);
  }
  await Promise.all(sessions.map(async ({ session }) => await session.dispose()));
});

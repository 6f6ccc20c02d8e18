import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { Client } from "../../../protocol/client/index.ts";

const root = packageRoot(import.meta.dirname);
/** No file may grow beyond this: what a full disk does to the trace store, and to nothing else that a request needs. */
const kibibytes = 160;

test("where the trace store cannot grow any more, requests are answered as before, and it is said why there is no trace", { skip: process.platform === "win32" && "there is no ulimit" }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "inferno-full-disk-"));
  const config = join(home, "inferno.yaml");
  // Long prompts that do not compress.
  writeFileSync(config, JSON.stringify({ models: { m: { source: "fake:count", context: 8192 } } }));
  const command = `ulimit -f ${kibibytes} && exec "$0" "$@"`;
  const daemon = spawn("bash", ["-c", command, process.execPath, join(root, "runtime/cli/main.ts"), "serve", "--config", config, "--port", "0", "--json"], {
    env: { ...process.env, INFERNO_HOME: home, INFERNO_ALLOW_FAKE: "1", NODE_COMPILE_CACHE: "" }, stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = new Promise<void>((resolve) => daemon.once("close", () => resolve()));
  t.after(async () => {
    daemon.kill("SIGTERM");
    await closed;
    rmSync(home, { recursive: true, force: true });
  });
  const ready = await createInterface({ input: daemon.stdout })[Symbol.asyncIterator]().next();
  const client = new Client(JSON.parse(String(ready.value)) as { url: string; token: string });
  let missing: string | null = null;
  for (let asked = 0; missing === null && asked < 60; asked += 1) {
    const prompt = Array.from({ length: 600 }, (_, word) => `w${(word * 7919 + asked * 104_729) % 99_991}`).join(" ");
    const { choices, timings } = await client.call("chatCompletions", { body: { model: "m", messages: [{ role: "user", content: prompt }], max_tokens: 60 } });
    assert.match(choices[0]?.message.content ?? "", /^1 2 3 /);
    const found = await settled(client, timings.trace_id);
    if (!found) missing = timings.trace_id;
  }
  assert.ok(missing !== null, "the store never became full");
  await assert.rejects(client.call("traceTokens", { params: { id: missing }, query: {} }), { code: "trace_not_found" });
  // The next request, and what was stored before, are as they were.
  const { choices } = await client.call("chatCompletions", { body: { model: "m", messages: [{ role: "user", content: "again" }], max_tokens: 3 } });
  assert.equal(choices[0]?.finish_reason, "length");
  const { traces: [stored] } = await client.call("traces", { query: {} });
  assert.ok((await client.call("traceTokens", { params: { id: stored?.id ?? "" }, query: {} })).answers.length > 0);
  assert.match(readFileSync(join(home, "logs", "daemon.log"), "utf8"), /store_failed.*(disk I\/O error|disk is full)/);
});

/** Whether a trace that has ended is in the store; until it is stored or given up, it is in memory. */
async function settled(client: Client, id: string): Promise<boolean> {
  for (;;) {
    try {
      if (!(await client.call("traceTokens", { params: { id }, query: {} })).live) return true;
    } catch {
      return false;
    }
  }
}

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelStatus } from "../../../../protocol/api/inferno.ts";
import { Client } from "../../../../protocol/client/index.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import { ensureLoaded } from "../../../../runtime/cli/load.ts";
import { eventually } from "../../../drivers/eventually.ts";
import { fakeTerminal } from "../../../drivers/fake-terminal.ts";

const status = (state: ModelStatus["state"], progress: number | null = null): ModelStatus => ({
  name: "big", task: "chat", source: "hf:a/b", origin: "embedded", state, progress, pid: null, rssBytes: null,
  running: 0, queued: 0, tokensPerSecond: null, context: null, memory: null, info: null, error: null,
});

/** A daemon whose `load` does what it is told, once per call, and whose list says how far the model is. */
function daemon(list: ModelStatus, loads: (() => Promise<Response> | Response)[]) {
  const calls: string[] = [];
  const client = new Client({
    url: "http://daemon.invalid", token: "t",
    fetch: async (input) => {
      const path = new URL(input as string).pathname;
      calls.push(path);
      return path.endsWith("/load") ? await loads.shift()!() : Response.json({ models: [list] });
    },
  });
  return { client, calls };
}

const timedOut = (): Response => { throw new TypeError("fetch failed"); };

test("a load that outlasts one HTTP request is waited for", async () => {
  const { client, calls } = daemon(status("downloading", 0.4), [timedOut, timedOut, () => Response.json(status("ready"))]);
  assert.equal((await ensureLoaded(client, "big", fakeTerminal())).state, "ready");
  assert.equal(calls.filter((path) => path.endsWith("/load")).length, 3);
});

test("a daemon that is gone, and a load that fails, are not", async () => {
  await assert.rejects(ensureLoaded(daemon(status("failed"), [timedOut]).client, "big", fakeTerminal()), { code: "daemon_unreachable" });
  const error = new InfernoError("model_download_failed", "no such repository");
  const failing = daemon(status("downloading"), [() => Response.json(error.toBody(), { status: 502 })]);
  await assert.rejects(ensureLoaded(failing.client, "big", fakeTerminal()), { code: "model_download_failed" });
});

test("a terminal sees how far it is, and afterwards nothing of it; a file sees nothing", async () => {
  for (const tty of [true, false]) {
    const terminal = fakeTerminal({ tty, env: { NO_COLOR: "1" } });
    const { promise, resolve } = Promise.withResolvers<Response>();
    const { client, calls } = daemon(status("downloading", 0.4), [() => promise]);
    const loaded = ensureLoaded(client, "big", terminal);
    if (tty) await eventually("progress", async () => terminal.printed.stderr.includes("big: downloading 40.0 %"));
    resolve(Response.json(status("ready")));
    await loaded;
    if (tty) assert.ok(terminal.printed.stderr.endsWith("\r\x1B[K"));
    else assert.deepEqual({ calls: calls.length, stderr: terminal.printed.stderr }, { calls: 1, stderr: "" });
    assert.equal(terminal.printed.stdout, "");
  }
});

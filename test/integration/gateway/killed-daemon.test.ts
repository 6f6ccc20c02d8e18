import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { it } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { Client } from "../../../protocol/client/index.ts";
import { findDaemon } from "../../../runtime/daemon/find.ts";
import { startDaemon } from "../../../runtime/daemon/start.ts";
import { homePaths } from "../../../runtime/home/home.ts";
import { openTraceStore } from "../../../runtime/store/trace-store.ts";
import { eventually } from "../../drivers/eventually.ts";
import { isAlive } from "../../../runtime/daemon/lock.ts";
import { temporaryHome } from "../../drivers/inferno-home.ts";
import { user } from "../../drivers/test-daemon.ts";

it("a daemon killed with SIGKILL leaves no model process behind, and the next one takes its folder over, traces and all", async () => {
  const home = await temporaryHome();
  const program = join(packageRoot(import.meta.dirname), "runtime", "cli", "main.ts");
  const daemon = spawn(process.execPath, [program, "serve", "--port", "0", "--json"], {
    cwd: home.folder, env: { ...process.env, ...home.env }, stdio: "ignore",
  });
  try {
    const client = new Client(await home.daemon());
    const answer = await client.call("chatCompletions", { body: { model: "ember", messages: [user("What is 1 + 1?")], max_tokens: 8 } });
    const { pid: host } = (await client.call("models")).models[0]!;
    assert.ok(host !== null && isAlive(host));
    // A trace is stored after its answer has gone out.
    const store = openTraceStore({ path: homePaths(home.folder).traces, keep: 100 });
    await eventually("the trace in the store", async () => store.get(answer.timings.trace_id) !== null);
    store.close();

    daemon.kill("SIGKILL");
    await once(daemon, "exit");
    await eventually("the end of the model host", () => Promise.resolve(!isAlive(host)));
    assert.equal(await findDaemon(home.folder), null);

    const next = await startDaemon({ home: home.folder, port: 0 });
    assert.ok(next.owned);
    const { id } = await new Client(next).call("trace", { params: { id: answer.timings.trace_id } });
    assert.equal(id, answer.timings.trace_id);
    await next.close();
  } finally {
    daemon.kill("SIGKILL");
    await home.dispose();
  }
});

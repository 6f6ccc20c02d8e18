import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import type { ModelStatus } from "../../../protocol/api/inferno.ts";
import { eventually } from "../../drivers/eventually.ts";
import { startTestDaemon, user, type TestDaemon } from "../../drivers/test-daemon.ts";

const statusOf = async ({ client }: TestDaemon): Promise<ModelStatus> =>
  (await client.call("models")).models.find(({ name }) => name === "m")!;
const ask = ({ client }: TestDaemon) => client.call("chatCompletions", { body: { model: "m", messages: [user("hello")], stream: false } });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

suite("a model with idle_ttl", () => {
  test("gives all its memory back: its process is gone; the next request loads it again", async () => {
    await using daemon = await startTestDaemon({ yaml: { models: { m: { source: "fake:echo", idle_ttl: 1 } } } });
    await ask(daemon);
    const { pid } = await statusOf(daemon);
    assert.ok(pid !== null && isAlive(pid));
    if (existsSync("/proc/self/statm")) assert.ok(Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) > 0);
    await eventually("the process to end", async () => !isAlive(pid));
    await eventually("the model to count as unloaded", async () => (await statusOf(daemon)).state === "unloaded");
    const idle = await statusOf(daemon);
    assert.deepEqual([idle.pid, idle.rssBytes, idle.memory], [null, null, null]);
    assert.ok(!existsSync(`/proc/${pid}/statm`));
    await ask(daemon);
    const again = await statusOf(daemon);
    assert.ok(again.state === "ready" && again.pid !== null && again.pid !== pid);
  });

  test("answers each of many requests, whenever they come: none meets a process that is going", async () => {
    await using daemon = await startTestDaemon({ yaml: { models: { m: { source: "fake:echo", idle_ttl: 1 } } } });
    // Around the end of the time, before and after it; which of them meets the unloading differs from run to run.
    for (const afterMs of [990, 1000, 1010, 1020]) {
      await ask(daemon);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
    }
    const { choices } = await ask(daemon);
    assert.equal(choices[0]?.finish_reason, "stop");
  });

  test("stays loaded while a request works, however long", async () => {
    await using daemon = await startTestDaemon({ yaml: { models: { m: { source: "fake:count?tokenUs=20000", context: 100_000, idle_ttl: 1 } } } });
    const pids = new Set<number | null>();
    let texts = 0;
    for await (const chunk of daemon.client.stream("chatCompletions", { body: { model: "m", messages: [user("count")], stream: true } })) {
      if (chunk.choices[0]?.delta.content) texts += 1;
      if (texts % 25 === 1) pids.add((await statusOf(daemon)).pid);
      if (texts >= 125) break;
    }
    assert.equal(pids.size, 1);
  });
});

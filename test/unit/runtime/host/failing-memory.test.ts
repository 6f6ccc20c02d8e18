import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { VirtualClock } from "../../../../base/clock.ts";
import { FakeBackend } from "../../../../runtime/backends/fake/fake-backend.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import type { GenerateRequest, GenerationEvent } from "../../../../runtime/host/messages.ts";
import { ModelHost } from "../../../../runtime/host/model-host.ts";
import { noSpeculation } from "../../../../runtime/host/speculation.ts";
import { admission } from "../../../../runtime/scheduler/admission.ts";
import { batching } from "../../../../runtime/scheduler/batching.ts";
import { victim } from "../../../../runtime/scheduler/victim.ts";
import { greedy, plainLoad, plainRequest } from "./harness.ts";

async function start(cells: number, parallel = 4) {
  const clock = new VirtualClock(1_000);
  const lasts = new Map<string, GenerationEvent>();
  const backend = await loadFakeOn(virtualTime(clock), {
    ...plainLoad, path: "fake:mix?words=5000&layout=unified&sequences=8", context: 64, parallel, batch: 16, kvCells: cells,
  });
  assert.ok(backend instanceof FakeBackend);
  const host = new ModelHost({
    backend, clock, speculation: noSpeculation, adapters: [], cachePrefixes: true, now: () => new Date(0), policies: { batch: batching, admission, victim },
    send: (message) => {
      if (message.type !== "events") return;
      for (const [id, event] of message.events) lasts.set(id, event);
    },
  });
  const ask = (id: string, words: number, maxTokens: number, more: Partial<GenerateRequest> = {}): void => host.generate({
    ...plainRequest, id, maxTokens, params: { ...greedy, ignoreEnd: true },
    prompt: { kind: "text", text: Array.from({ length: words }, (_, index) => `${id}${index}`).join(" ") }, ...more,
  }, 0);
  /** Only this one has failed, and nothing of it is left in the cache. */
  const assertFailed = async (id: string, message: RegExp, others: readonly string[]): Promise<void> => {
    await host.idle();
    const last = lasts.get(id);
    assert.ok(last?.type === "failed", id);
    assert.equal(last.error.error.code, "decode_failed");
    assert.match(last.error.error.message, message);
    for (const other of others) assert.equal(lasts.get(other)?.type, "end", other);
    host.pool.dropAll();
    assert.deepEqual([host.pool.isEmpty, host.pool.cellsUsed, backend.memory.used, backend.samplers], [true, 0, 0, 0]);
  };
  return { backend, host, ask, assertFailed };
}

const broken = (): never => {
  throw new Error("it is broken");
};

describe("an engine whose state calls fail costs one request, not the host", () => {
  test("when a swapped answer comes back", async () => {
    const { backend, host, ask, assertFailed } = await start(80);
    ask("slow", 30, 20);
    for (let i = 0; i < 6; i += 1) await turn();
    host.pause("slow");
    ask("quick", 20, 40);
    for (let i = 0; i < 200; i += 1) await turn();
    backend.memory.restore = broken;
    ask("later", 3, 2);
    host.resume("slow");
    await assertFailed("slow", /to bring back the answer's state: it is broken/, ["quick", "later"]);
  });

  test("when one is to step aside", async () => {
    const { backend, ask, assertFailed } = await start(80);
    backend.memory.save = broken;
    ask("first", 30, 30);
    ask("second", 30, 30);
    await assertFailed("second", /to save the answer's state: it is broken/, ["first"]);
  });

  test("when a context is shifted, and others wait for its place", async () => {
    const { backend, ask, assertFailed } = await start(130, 1);
    backend.memory.shift = broken;
    ask("long", 30, 60, { overflow: "shift" });
    ask("next", 20, 3);
    await assertFailed("long", /to shift the answer's context: it is broken/, ["next"]);
  });
});

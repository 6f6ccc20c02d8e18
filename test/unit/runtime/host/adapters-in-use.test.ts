import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import { ModelHost } from "../../../../runtime/host/model-host.ts";
import { noSpeculation } from "../../../../runtime/host/speculation.ts";
import { admission } from "../../../../runtime/scheduler/admission.ts";
import { batching } from "../../../../runtime/scheduler/batching.ts";
import { victim } from "../../../../runtime/scheduler/victim.ts";
import { plainLoad, plainRequest } from "./harness.ts";

test("a request keeps its adapter though it was exchanged, which is freed when the request ends", async () => {
  const clock = new VirtualClock(1_000);
  const freed: number[] = [];
  const backend = Object.assign(await loadFakeOn(virtualTime(clock), { ...plainLoad, path: "fake:count", context: 64, parallel: 2, batch: 16 }), {
    freeAdapter: (index: number) => void freed.push(index),
  });
  const host = new ModelHost({
    backend, clock, speculation: noSpeculation, adapters: ["a", "b"].map((name) => ({ name, path: `/${name}.gguf`, scale: 1 })), cachePrefixes: true, now: () => new Date(0),
    policies: { batch: batching, admission, victim }, send: () => undefined,
  });
  host.generate({ ...plainRequest, id: "r", maxTokens: 5, adapters: [{ name: "b", scale: 0 }] }, 0);
  host.setAdapters([]);
  assert.deepEqual(freed, [1]);
  await host.idle();
  assert.deepEqual(freed, [1, 0]);
});

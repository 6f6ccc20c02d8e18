import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import type { Backend, BatchItem } from "../../../../runtime/backends/backend.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { ModelHost } from "../../../../runtime/host/model-host.ts";
import { noSpeculation } from "../../../../runtime/host/speculation.ts";
import { admission } from "../../../../runtime/scheduler/admission.ts";
import { batching } from "../../../../runtime/scheduler/batching.ts";
import { victim } from "../../../../runtime/scheduler/victim.ts";
import { greedy, plainLoad, plainRequest } from "./harness.ts";

test("the sequences of a step are in the order of their ids, whoever came first", async () => {
  const clock = new VirtualClock(0);
  const fake = await loadFakeOn(virtualTime(clock), { ...plainLoad, path: "fake:count", context: 64, parallel: 4, batch: 64, kvLayout: "per_sequence" });
  const orders: number[][] = [];
  const step = fake.step.bind(fake);
  const backend: Backend = Object.assign(fake, {
    step: (batch: readonly BatchItem[]) => {
      orders.push(batch.map(({ sequence }) => sequence));
      return step(batch);
    },
  });
  const host = new ModelHost({
    backend, clock, speculation: noSpeculation, adapters: [], cachePrefixes: true, now: () => new Date(0),
    policies: { batch: batching, admission, victim }, send: () => undefined,
  });
  // The second round finds the first one's sequences cached and takes their ids in the order in which they are evicted.
  for (const round of ["a", "b", "c"]) {
    for (let i = 0; i < 4; i += 1) {
      host.generate({ ...plainRequest, id: `${round}${i}`, prompt: { kind: "text", text: `${round} ${i} x y` }, params: greedy, maxTokens: 4 + ((i * 3) % 4) }, 0);
    }
    await host.idle();
  }
  assert.ok(orders.some((order) => order.length === 4));
  for (const order of orders) assert.deepEqual(order, order.toSorted((a, b) => a - b));
});

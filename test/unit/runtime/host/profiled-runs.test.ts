import assert from "node:assert/strict";
import { test } from "node:test";
import { TaskHarness } from "./task-harness.ts";

test("operations are recorded for a request that asks, and those that share its run; not for the next", async () => {
  const it = new TaskHarness();
  it.host.call("asks", { kind: "embed", inputs: ["w"], profile: true }, it.clock.nowUs());
  it.embed("shares", "w");
  await it.host.idle();
  it.embed("later", "w");
  await it.turns();
  it.ring();
  await it.host.idle();
  const operations = (id: string) => it.answer(id)!.spans.filter(({ name }) => name === "operation");
  assert.deepEqual(["asks", "shares", "later"].map((id) => operations(id).length), [1, 1, 0]);
  const run = it.answer("asks")!.spans.find(({ name }) => name === "run")!;
  const [operation] = operations("asks");
  assert.deepEqual([operation?.startUs, operation?.endUs, operation?.attributes], [run.startUs, run.endUs, { name: "/echo", operator: "Echo", provider: "CPU", shapes: "" }]);
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { TraceRecorder } from "../../../../runtime/trace/recorder.ts";
import { startMemoryGateway } from "../../../drivers/memory-gateway.ts";

it("a model of single runs is loaded when it is asked, has places for two batches, shows its runs in /metrics and does nothing else", async () => {
  await using it = await startMemoryGateway({ models: { m: { source: "fake:echo?items=4&stepUs=1000&loadUs=5", task: "ocr" } } });
  const model = it.gateway.router.find("m");
  const trace = (id: string) => new TraceRecorder({ id, model: "m", route: "/test", startedAt: "", startUs: it.clock.nowUs(), clock: it.clock, text: false, tokens: false });
  const patient = new AbortController().signal;
  const ask = (id: string) => model.work("infer", { input: { task: "ocr", image: new TextEncoder().encode("a line\nanother") } }, trace(id), patient);
  const [first] = await Promise.all(["a", "b", "c"].map(ask));
  assert.ok(first?.output.task === "ocr");
  assert.deepEqual(first.output.lines.map(({ text }) => text), ["a line", "another"]);
  const metrics = await it.client.call("metrics");
  assert.match(metrics, /^inferno_run_items_count\{model="m"\} [1-3]$/m);
  assert.match(metrics, /^inferno_run_items_sum\{model="m"\} 3$/m);

  const many = Promise.all(Array.from({ length: 20 }, (_, index) => ask(`many${index}`)));
  assert.deepEqual([model.queue.running, model.queue.queued], [8, 12]);
  assert.equal((await many).length, 20);
  await assert.rejects(model.ask("tokenize", { text: "a", addSpecial: true, parseSpecial: false }, patient), { code: "model_task_mismatch" });
});

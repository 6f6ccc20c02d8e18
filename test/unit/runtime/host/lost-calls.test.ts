import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import { spanTable, type SpanName } from "../../../../protocol/trace.ts";
import { eventually } from "../../../drivers/eventually.ts";
import { startMemoryGateway, type MemoryGateway } from "../../../drivers/memory-gateway.ts";
import { TraceRecorder } from "../../../../runtime/trace/recorder.ts";

/** A model that is stuck on a word; two requests before it and two behind, each a run of its own or all in one. */
const stuck = (options: string, config: object = {}) => ({ m: { source: `fake:echo?stuckOn=STUCK&crashOn=NEVER&${options}`, task: "text-classification", onnx: { run_limit_s: 1, batch_wait_ms: 0 }, ...config } });

function ask(gateway: MemoryGateway, id: string, text: string, signal = new AbortController().signal) {
  const trace = new TraceRecorder({ id, model: "m", route: "/test", startedAt: "", startUs: gateway.clock.nowUs(), clock: gateway.clock, text: false, tokens: false });
  const model = gateway.gateway.router.find("m");
  const answer = model.work("infer", { input: { task: "text-classification", texts: [text], top: 1 } }, trace, signal)
    .then(({ output }) => (output.task === "text-classification" ? output.labels[0]?.[0]?.label : undefined), (error: unknown) => InfernoError.from(error).code);
  return { answer, trace };
}

const running = (it: MemoryGateway, count: number) => eventually(`${count} in work`, async () => it.gateway.router.find("m").status().running === count);
/** The host has begun a run that does not end. */
async function inARun(it: MemoryGateway): Promise<void> {
  for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  await running(it, it.gateway.router.find("m").status().running);
}

describe("a run that does not come back", () => {
  it("fails after the limit, and the others are answered by the next process, each once", async () => {
    await using it = await startMemoryGateway({ models: stuck("items=1") });
    const texts = ["one", "STUCK", "two", "three"];
    const asked = texts.map((text, index) => ask(it, `${index}`, text));
    await inARun(it);
    it.clock.advance(1_100_000);
    assert.deepEqual(await Promise.all(asked.map(({ answer }) => answer)), ["one", "inference_stuck", "two", "three"]);
    assert.equal(it.hosts.length, 2);
    assert.match(it.errors[0]?.message ?? "", /took longer than 1 s/);
    await eventually("free places", async () => it.gateway.router.find("m").status().running === 0);
  });

  it("that several share is run again one by one, so that only the culprit fails", async () => {
    await using it = await startMemoryGateway({ models: stuck("items=4") });
    const asked = ["one", "two", "STUCK"].map((text, index) => ask(it, `${index}`, text));
    await inARun(it);
    it.clock.advance(1_100_000);
    await eventually("a second process", async () => it.hosts.length === 2 && it.gateway.router.find("m").host.isReady);
    await inARun(it);
    it.clock.advance(1_100_000);
    assert.deepEqual(await Promise.all(asked.map(({ answer }) => answer)), ["one", "two", "inference_stuck"]);
    assert.equal(it.hosts.length, 3);
  });

  it("keeps the leaves of a request that lost its process contiguous", async () => {
    await using it = await startMemoryGateway({ models: stuck("items=1&loadUs=500&stepUs=100") });
    const bad = ask(it, "bad", "STUCK");
    const good = ask(it, "good", "fine");
    await inARun(it);
    it.clock.advance(1_100_000);
    assert.deepEqual([await good.answer, await bad.answer], ["fine", "inference_stuck"]);
    const leaves = good.trace.toTrace().spans.filter(({ id, name }) => id !== "0" && spanTable[name as SpanName].kind === "leaf");
    let end = 0;
    for (const { name, startUs, durationUs } of leaves) {
      assert.equal(startUs, end, name);
      end = startUs + durationUs;
    }
    assert.deepEqual(leaves.filter(({ attributes }) => attributes["lost"] !== undefined).map(({ name, attributes }) => [name, attributes["lost"]]), [["wait", "inference_stuck"]]);
    assert.equal(leaves.filter(({ name }) => name === "load").length, 2);
  });

  it("lets whoever cancels go at once, and the process only when the limit is over", async () => {
    await using it = await startMemoryGateway({ models: stuck("items=1", { parallel: 2 }) });
    const leaving = new AbortController();
    const bad = ask(it, "bad", "STUCK", leaving.signal);
    await inARun(it);
    const good = ask(it, "good", "fine");
    leaving.abort();
    assert.equal(await bad.answer, "request_cancelled");
    assert.equal(it.hosts.length, 1);
    it.clock.advance(1_100_000);
    assert.equal(await good.answer, "fine");
    await eventually("free places", async () => it.gateway.router.find("m").status().running === 0);
  });
});

describe("a process that is killed", () => {
  it("in a run gives all its requests to the next, and they are answered once", async () => {
    await using it = await startMemoryGateway({ models: stuck("items=1") });
    const stays = ask(it, "0", "STUCK");
    const others = ["one", "two"].map((text) => ask(it, text, text));
    await inARun(it);
    it.hosts[0]!.die();
    assert.deepEqual(await Promise.all(others.map(({ answer }) => answer)), ["one", "two"]);
    await inARun(it);
    it.hosts[1]!.die();
    assert.equal(await stays.answer, "model_host_crashed", "the second process that it may have ended");
  });

  it("again and again is not started for ever for one request", async () => {
    await using it = await startMemoryGateway({ models: stuck("items=1") });
    const bad = [0, 1, 2, 3, 4].map((index) => ask(it, `bad${index}`, "STUCK"));
    for (let process = 0; process < 12; process += 1) {
      const left = await Promise.race([Promise.all(bad.map(({ answer }) => answer)), inARun(it).then(() => null)]);
      if (left !== null) break;
      it.hosts.at(-1)!.die();
    }
    assert.deepEqual(new Set(await Promise.all(bad.map(({ answer }) => answer))), new Set(["model_host_crashed"]));
  });
});

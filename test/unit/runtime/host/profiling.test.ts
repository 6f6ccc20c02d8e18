import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mostOperations, Recording } from "../../../../runtime/host/recording.ts";
import { withHost } from "./harness.ts";

const text = (words: string) => ({ kind: "text", text: words }) as const;
type Spans = readonly { readonly name: string; readonly startUs: number; readonly endUs: number; readonly attributes?: Readonly<Record<string, unknown>> | undefined }[];
const named = (spans: Spans, name: string) => spans.filter((span) => span.name === name);
const recorded = (spans: Spans) => spans.filter(({ attributes }) => attributes?.["profiled"] === true).map(({ name, attributes }) => attributes?.["index"] ?? name);

describe("recording operations", () => {
  test("of all steps: each step's span says so, and its operations lie in its time", () => withHost("fake:count?stepUs=100", {}, async (host) => {
    const { spans } = await host.answer("a", { prompt: text("go"), maxTokens: 4, profile: { from: 0, to: null } });
    assert.deepEqual(recorded(spans), ["prefill", 1, 2, 3]);
    const steps = spans.filter(({ attributes }) => attributes?.["profiled"] === true);
    const operations = named(spans, "operation");
    assert.equal(operations.length, 4);
    for (const [index, operation] of operations.entries()) {
      assert.ok(operation.startUs >= steps[index]!.startUs && operation.endUs <= steps[index]!.endUs);
      assert.deepEqual(operation.attributes, { name: "echo", operator: "ECHO", provider: "CPU", shapes: "", type: "f32", bytes: 4 });
    }
  }));

  test("of some steps: the engine is made ready before them and let go after them", () => withHost("fake:count?stepUs=100", {}, async (host) => {
    const { spans } = await host.answer("a", { prompt: text("go"), maxTokens: 8, profile: { from: 2, to: 4 } });
    assert.deepEqual(recorded(spans), [2, 3, 4]);
    const switches = named(spans, "instrument");
    assert.deepEqual(switches.map(({ attributes }) => attributes?.["begins"]), [true, false]);
    const decodes = named(spans, "decode");
    assert.ok(switches[0]!.endUs <= decodes[1]!.startUs && switches[1]!.startUs >= decodes[3]!.endUs && switches[1]!.endUs <= decodes[4]!.startUs);
  }));

  test("others in the step have neither operations nor marks, and their answer is the same", () => withHost("fake:mix?stepUs=100", {}, async (host) => {
    const alone = await host.answer("alone", { prompt: text("b b"), maxTokens: 6 });
    host.send("a", { prompt: text("a"), maxTokens: 6, profile: { from: 0, to: null } });
    const { spans, text: answer } = await host.answer("b", { prompt: text("b b"), maxTokens: 6 });
    await host.answered("a");
    assert.equal(answer, alone.text);
    assert.equal(named(spans, "operation").length + named(spans, "instrument").length + recorded(spans).length, 0);
  }));

  test("after it nothing is recorded, and it can begin again", () => withHost("fake:count", {}, async (host) => {
    const profile = { from: 0, to: null };
    await host.answer("a", { prompt: text("go"), maxTokens: 3, profile });
    assert.equal(named((await host.answer("b", { prompt: text("go"), maxTokens: 3 })).spans, "operation").length, 0);
    assert.equal(named((await host.answer("c", { prompt: text("go"), maxTokens: 3, profile })).spans, "operation").length, 3);
  }));

  test("a request that is cancelled leaves an engine that records for others", () => withHost("fake:count?stepUs=100", {}, async (host) => {
    host.send("a", { prompt: text("go"), maxTokens: 500, profile: { from: 0, to: null } });
    await host.turns(8);
    host.channel.send({ type: "cancel", id: "a" });
    await host.answered("a");
    assert.deepEqual(recorded((await host.answer("b", { prompt: text("go"), maxTokens: 3, profile: { from: 1, to: 1 } })).spans), [1]);
  }));

  test("several answers of one request: a step's operations are there once", () => withHost("fake:count", {}, async (host) => {
    const { spans } = await host.answer("a", { prompt: text("go"), maxTokens: 4, choices: 2, profile: { from: 2, to: 2 } });
    const steps = spans.filter(({ attributes }) => attributes?.["profiled"] === true);
    assert.equal(named(spans, "operation").length, steps.length);
  }));
});

describe("the bound", () => {
  test("steps are recorded as long as another of the largest has room", () => {
    const recording = new Recording({ from: 0, to: null });
    let steps = 0;
    for (; recording.wants(steps); steps += 1) recording.add(3000);
    assert.equal(steps, Math.floor(mostOperations / 3000));
    assert.equal(recording.isFull, true);
    assert.equal(recording.covers(steps), true);
  });

  test("a range has both its ends", () => {
    const recording = new Recording({ from: 2, to: 3 });
    assert.deepEqual([1, 2, 3, 4].map((step) => recording.wants(step)), [false, true, true, false]);
  });
});

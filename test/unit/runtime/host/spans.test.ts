import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Timeline } from "../../../../runtime/host/timeline.ts";
import type { SpanRecord } from "../../../../runtime/host/messages.ts";
import { withHost } from "./harness.ts";

const brief = (spans: readonly SpanRecord[]) => spans.map((span) => `${span.name} ${span.endUs - span.startUs}`);

function assertContiguous(spans: readonly SpanRecord[], startUs: number, endUs: number): void {
  let cursor = startUs;
  for (const span of spans) {
    assert.equal(span.startUs, cursor, `${span.name} starts where the span before ended`);
    assert.ok(span.endUs >= span.startUs);
    cursor = span.endUs;
  }
  assert.equal(cursor, endUs);
}

describe("timeline", () => {
  test("each span starts where the last ended, even across take", () => {
    const timeline = new Timeline(100);
    timeline.mark("template", 110);
    assert.deepEqual(brief(timeline.take()), ["template 10"]);
    timeline.mark("tokenize", 115, { tokens: 3 });
    assert.deepEqual(timeline.take(), [{ name: "tokenize", startUs: 110, endUs: 115, attributes: { tokens: 3 } }]);
    assert.deepEqual(timeline.take(), []);
    assert.equal(timeline.endUs, 115);
  });

  test("idle time of nothing leaves no span, and two in a row are one", () => {
    const timeline = new Timeline(0);
    timeline.idle("wait", 0);
    timeline.idle("wait", 5);
    timeline.idle("wait", 9);
    timeline.idle("queue", 10);
    timeline.mark("decode", 10);
    timeline.idle("wait", 12);
    assert.deepEqual(brief(timeline.take()), ["wait 9", "queue 1", "decode 0", "wait 2"]);
  });

  test("a time before the cursor does not turn it back", () => {
    const timeline = new Timeline(50);
    timeline.mark("dispatch", 40);
    timeline.idle("wait", 45);
    timeline.mark("sample", 60);
    assertContiguous(timeline.take(), 50, 60);
  });
});

describe("a request's spans", () => {
  test("alone: what each stage costs, and no waiting", () => withHost("fake:count?stepUs=100&tokenUs=10&sampleUs=3", { batch: 2 }, async (host) => {
    const { spans } = await host.answer("a", { maxTokens: 2 });
    assert.deepEqual(brief(spans), [
      "dispatch 0", "tokenize 0", "prefill 120", "prefill 110", "sample 3", "detokenize 0", "decode 110", "sample 3", "detokenize 0",
    ]);
    assert.deepEqual(spans.slice(-3).map((span) => span.attributes?.["index"]), [1, 1, 1]);
  }));

  test("in a batch: others' samples are waiting", () => withHost("fake:count?stepUs=100&tokenUs=10&sampleUs=3", {}, async (host) => {
    host.send("a", { maxTokens: 2 });
    host.send("b", { maxTokens: 2 });
    const [a, b] = await Promise.all([host.answered("a"), host.answered("b")]);
    assert.deepEqual(brief(a.spans).slice(2), ["prefill 160", "sample 3", "wait 3", "detokenize 0", "decode 120", "sample 3", "wait 3", "detokenize 0"]);
    assert.deepEqual(brief(b.spans).slice(2), ["prefill 160", "wait 3", "sample 3", "detokenize 0", "decode 120", "wait 3", "sample 3", "detokenize 0"]);
  }));

  test("before an answer starts it is in the queue, also when it is cancelled there; paused afterwards, it waits", () => withHost("fake:count?stepUs=100", { parallel: 1 }, async (host) => {
    host.send("a");
    host.send("b");
    await host.until(() => host.events("a").length > 3);
    host.channel.send({ type: "cancel", id: "b" });
    const { spans } = await host.answered("b");
    assert.deepEqual(spans.map((span) => span.name), ["dispatch", "tokenize", "queue"]);
    host.channel.send({ type: "pause", id: "a" });
    host.clock.advance(70);
    host.channel.send({ type: "cancel", id: "a" });
    assert.deepEqual(brief((await host.answered("a")).spans).slice(-1), ["wait 70"]);
  }));

  test("dispatch begins when the gateway sent it", () => withHost("fake:echo", {}, async (host) => {
    const sentUs = host.clock.nowUs();
    host.send("a");
    host.clock.advance(70);
    const { spans } = await host.answered("a");
    assert.deepEqual({ ...spans[0] }, { name: "dispatch", startUs: sentUs, endUs: sentUs + 70 });
  }));

  test("come with the event they belong to", () => withHost("fake:count?tokenUs=10", { batch: 2 }, async (host) => {
    const { events } = await host.answer("a", { maxTokens: 2 });
    assert.deepEqual(events.map((event) => [event.type, ...event.spans.map((span) => span.name)]), [
      ["prompt", "dispatch", "tokenize"],
      ["start"],
      ["text", "prefill"],
      ["text", "prefill", "sample", "detokenize"],
      ["text", "decode", "sample", "detokenize"],
      ["finish"],
      ["end"],
    ]);
  }));

  test("add up to its time, whatever the others do", async () => {
    const asked = fc.record({
      words: fc.integer({ min: 0, max: 30 }),
      maxTokens: fc.integer({ min: 1, max: 8 }),
      cancelAfter: fc.option(fc.nat(12), { nil: undefined }),
      pauseAfter: fc.option(fc.nat(12), { nil: undefined }),
      stop: fc.constantFrom([], [" 3"], ["4 5"]),
    });
    const engine = fc.record({ parallel: fc.integer({ min: 1, max: 3 }), batch: fc.integer({ min: 3, max: 20 }), failAtStep: fc.nat(12) });
    await fc.assert(fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 6 }), engine, async (requests, { failAtStep, ...limits }) => {
      await withHost(`fake:count?stepUs=50&tokenUs=7&sampleUs=3&failAtStep=${failAtStep}`, limits, async (host) => {
        const startUs = host.clock.nowUs();
        for (const [index, { words, cancelAfter, pauseAfter, ...rest }] of requests.entries()) {
          const id = `r${index}`;
          host.send(id, { ...rest, prompt: { kind: "text", text: "w ".repeat(words) } });
          let events = 0;
          host.onEvent(id, () => {
            if (events === cancelAfter) host.channel.send({ type: "cancel", id });
            if (events === pauseAfter) {
              host.channel.send({ type: "pause", id });
              setImmediate(() => host.channel.send({ type: "resume", id }));
            }
            events += 1;
          });
        }
        for (const index of requests.keys()) {
          const { spans, last, events } = await host.answered(`r${index}`);
          assert.ok(last.type === "end" || last.type === "failed");
          assertContiguous(spans, startUs, last.endUs);
          assert.equal(spans.reduce((sum, span) => sum + span.endUs - span.startUs, 0), last.endUs - startUs);
          assert.match(events.map((event) => event.type).join(" "), /^prompt start (text )*finish end$|^(prompt (start (text )*)?)?failed$/);
        }
      });
    }), { numRuns: 60 });
  });
});

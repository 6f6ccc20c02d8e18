import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../../base/clock.ts";
import { Trace } from "../../../../protocol/trace.ts";
import { TraceRecorder } from "../../../../runtime/trace/recorder.ts";

function begin(text = true) {
  const clock = new VirtualClock(5_000);
  const trace = new TraceRecorder({ id: "t", model: "m", route: "/r", startedAt: "2026-01-01T00:00:00Z", startUs: 5_000, clock, text, tokens: true });
  return { clock, trace };
}

it("leaves follow each other, beside spans do not move them, and times count from the start", () => {
  const { clock, trace } = begin();
  clock.advance(10);
  trace.mark("receive");
  clock.advance(20);
  const sentUs = trace.mark("queue");
  trace.host([{ name: "dispatch", startUs: sentUs, endUs: sentUs + 5 }, { name: "prefill", startUs: sentUs + 5, endUs: sentUs + 25, attributes: { tokens: 7 } }]);
  clock.advance(30);
  trace.beside("stream write", sentUs + 10);
  trace.mark("return");
  clock.advance(1);
  trace.end();
  clock.advance(100);
  trace.end();
  const { spans, durationUs } = trace.toTrace();
  assert.deepEqual(spans.map(({ name, startUs, durationUs: length }) => [name, startUs, length]), [
    ["request", 0, 61], ["prompt", 35, 20], ["receive", 0, 10], ["queue", 10, 20], ["dispatch", 30, 5], ["prefill", 35, 20], ["stream write", 40, 20], ["return", 55, 5], ["respond", 60, 1],
  ]);
  assert.equal(durationUs, 61);
});

it("a host that died leaves its spans; the rest of the time is what came after", () => {
  const { clock, trace } = begin();
  trace.host([{ name: "dispatch", startUs: 5_000, endUs: 5_004 }]);
  clock.advance(50);
  trace.mark("return");
  trace.outcome("error", "model_host_crashed");
  trace.outcome("ok");
  trace.end();
  const found = trace.toTrace();
  assert.deepEqual([found.status, found.errorCode, found.spans.length], ["error", "model_host_crashed", 4]);
  assert.equal(found.spans.slice(1).reduce((sum, { durationUs }) => sum + durationUs, 0), 50);
});

it("measures from the first token to the last", () => {
  const { clock, trace } = begin();
  const sample = (endUs: number) => ({ name: "sample" as const, startUs: endUs - 1, endUs });
  assert.equal(trace.timings.tokensPerSecond, null);
  trace.host([{ name: "prefill", startUs: 5_000, endUs: 5_400 }, sample(5_500)]);
  assert.equal(trace.timings.tokensPerSecond, null);
  clock.advance(600);
  trace.firstText();
  clock.advance(600);
  trace.firstText();
  trace.host([sample(6_500), sample(7_500)]);
  const { ttftUs, promptUs, predictedUs, tokensPerSecond } = trace.timings;
  assert.deepEqual({ ttftUs, promptUs, predictedUs, tokensPerSecond }, { ttftUs: 600, promptUs: 400, predictedUs: 2000, tokensPerSecond: 1000 });
});

it("counts tokens that one step gave together", () => {
  const { trace } = begin();
  trace.host([{ name: "sample", startUs: 5_000, endUs: 5_100 }, { name: "sample", startUs: 6_000, endUs: 6_100, attributes: { index: 1, tokens: 4 } }]);
  assert.equal(trace.timings.tokensPerSecond, 4000);
});

it("adds several answers up, and keeps what the first one reused", () => {
  const { trace } = begin();
  const reuse = (tokens: number) => ({ tokens, source: "cached" as const, reason: "ends" as const, differs: null });
  trace.prompt("Hi", 9, 3, "file");
  trace.reused(reuse(5));
  trace.reused(reuse(8));
  trace.text(1, "two", [], 1);
  trace.text(0, "on", [], 1);
  trace.text(0, "e", [{ index: 0, id: "c", name: "add", arguments: "" }, { index: 0, arguments: "{}" }], 1);
  trace.finished(4, 10, { drafted: 6, accepted: 2 });
  trace.finished(3, 0, { drafted: 0, accepted: 0 });
  assert.equal(trace.timings.completionTokens, 3);
  trace.complete();
  const found = trace.toTrace();
  assert.deepEqual([found.completion, found.completionTokens, found.reuse?.tokens, found.speculation], ["one\nadd{}\n\ntwo", 7, 5, { drafted: 6, accepted: 2 }]);
  const { cachedTokens, truncatedTokens, draftedTokens, acceptedTokens } = trace.timings;
  assert.deepEqual([cachedTokens, truncatedTokens, draftedTokens, acceptedTokens], [5, 13, 6, 2]);
});

it("records no text when it is not to", () => {
  const { trace } = begin(false);
  trace.prompt("secret", 1, 0, "file");
  trace.reused({ tokens: 3, source: "cached", reason: "differs", differs: { position: 3, cached: "secret", prompt: "secret" } });
  trace.text(0, "secret", [{ index: 0, id: "c", name: "secret", arguments: "{}" }], 2);
  const found = trace.toTrace();
  assert.deepEqual([found.prompt, found.completion, found.promptTokens, found.completionTokens], [null, null, 1, 2]);
  assert.deepEqual([found.reuse?.tokens, found.reuse?.differs?.position], [3, 3]);
  assert.ok(!JSON.stringify(found).includes("secret"));
});

it("follows the contract whatever happens in whatever order", () => {
  const step = fc.oneof(
    fc.record({ advance: fc.nat(1000) }), fc.record({ mark: fc.constantFrom("receive" as const, "queue" as const, "return" as const) }),
    fc.record({ host: fc.nat(500) }), fc.constant("end" as const),
  );
  fc.assert(fc.property(fc.array(step), (steps) => {
    const { clock, trace } = begin();
    for (const each of steps) {
      if (each === "end") trace.end();
      else if ("advance" in each) clock.advance(each.advance);
      else if ("mark" in each) trace.mark(each.mark);
      else trace.host([{ name: "decode", startUs: clock.nowUs(), endUs: clock.nowUs() + each.host }]);
    }
    trace.outcome("ok");
    trace.end();
    assert.deepEqual(Trace.parse(trace.toTrace()), trace.toTrace());
  }));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span, SpanName, Trace } from "../../../../protocol/trace.ts";
import { plain } from "../../../../runtime/cli/format/paint.ts";
import { formatTrace } from "../../../../runtime/cli/format/trace-tree.ts";
import { matchesGolden } from "../../../drivers/golden.ts";

/** A request of 5 tokens whose spans follow one another. */
function sampleTrace(): Trace {
  const spans: Span[] = [];
  let atUs = 0;
  const add = (name: SpanName, durationUs: number, attributes: Span["attributes"] = {}): void => {
    spans.push({ id: `s${spans.length}`, parentId: "root", name, startUs: atUs, durationUs, attributes });
    atUs += durationUs;
  };
  add("receive", 120);
  add("queue", 30);
  add("template", 410);
  add("tokenize", 95, { tokens: 24 });
  add("prefill", 5200, { tokens: 24, chunk: 1 });
  for (let token = 0; token < 5; token += 1) {
    add("sample", 40 + token);
    add("detokenize", 5);
    spans.push({ id: `w${token}`, parentId: "root", name: "stream write", startUs: atUs, durationUs: 20, attributes: {} });
    if (token < 4) add("decode", 1000 + token * 100, { batch: 1 });
  }
  add("return", 50);
  add("respond", 60);
  spans.unshift({ id: "root", parentId: null, name: "request", startUs: 0, durationUs: atUs, attributes: { route: "/v1/chat/completions" } });
  return {
    id: "01TRACE", model: "ember", route: "/v1/chat/completions", startedAt: "2026-01-02T03:04:05.000Z", status: "ok", errorCode: null,
    durationUs: atUs, promptTokens: 24, completionTokens: 5, ttftUs: 5900, tokensPerSecond: 850.5, reuse: null, speculation: null, template: null, recording: "off",
    prompt: null, completion: null, parameters: {}, engine: null, spans,
  };
}

test("a trace as a tree", () => {
  matchesGolden("cli/trace.txt", formatTrace(sampleTrace(), { all: false, paint: plain }).join("\n") + "\n");
});

test("with all spans", () => {
  const trace = sampleTrace();
  const lines = formatTrace(trace, { all: true, paint: plain });
  matchesGolden("cli/trace-all.txt", lines.join("\n") + "\n");
  const tree = lines.slice(lines.findIndex((line) => line.startsWith("request")));
  assert.equal(tree.length, trace.spans.length);
});

test("groups hold what they hold, and a broken trace is not endless", () => {
  const trace = sampleTrace();
  const nested: Span[] = [
    { id: "r", parentId: null, name: "request", startUs: 0, durationUs: 10, attributes: {} },
    { id: "q", parentId: "r", name: "queue", startUs: 0, durationUs: 4, attributes: {} },
    { id: "l", parentId: "q", name: "load", startUs: 1, durationUs: 3, attributes: {} },
    { id: "x", parentId: "gone", name: "decode", startUs: 1, durationUs: 3, attributes: {} },
  ];
  const labels = formatTrace({ ...trace, spans: nested }, { all: false, paint: plain }).slice(-3).map((line) => line.split(/\s{2,}\d/)[0]?.trimEnd());
  assert.deepEqual(labels, ["request", "└─ queue", "   └─ load"]);
  assert.ok(formatTrace({ ...trace, spans: [] }, { all: false, paint: plain }).length > 5, "a trace without spans still has its facts");
});

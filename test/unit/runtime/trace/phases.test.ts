import assert from "node:assert/strict";
import { it } from "node:test";
import type { SpanName } from "../../../../protocol/trace.ts";
import type { SpanRecord } from "../../../../runtime/host/messages.ts";
import { phaseOf, phasesOf } from "../../../../runtime/trace/phases.ts";

/** Spans of 10 µs each, one after the other. */
const inTurn = (...names: SpanName[]): SpanRecord[] => names.map((name, index) => ({ name, startUs: index * 10, endUs: index * 10 + 10 }));
const tree = (spans: readonly SpanRecord[]) => spans.map((span) => [phaseOf(span, phasesOf(spans))?.name ?? "request", span.name].join("/"));

it("puts the host's stages under the prompt and the answer, and the gateway's under the request", () => {
  assert.deepEqual(tree(inTurn("receive", "queue", "dispatch", "template", "tokenize", "send", "queue", "prefill", "wait", "prefill", "sample", "send", "decode", "sample", "detokenize", "send", "return", "respond")), [
    "request/receive", "request/queue", "request/dispatch",
    "prompt/template", "prompt/tokenize", "prompt/send", "prompt/queue", "prompt/prefill", "prompt/wait", "prompt/prefill",
    "generate/sample", "generate/send", "generate/decode", "generate/sample", "generate/detokenize", "generate/send",
    "request/return", "request/respond",
  ]);
});

it("tells stages of no length apart where the phases meet", () => {
  const at = (name: SpanName): SpanRecord => ({ name, startUs: 7, endUs: 7 });
  assert.deepEqual(tree([at("tokenize"), at("prefill"), at("sample"), at("detokenize")]), ["prompt/tokenize", "prompt/prefill", "generate/sample", "generate/detokenize"]);
});

it("leaves out what a request that ended early never reached", () => {
  assert.deepEqual(phasesOf(inTurn("receive", "queue", "respond")), []);
  assert.deepEqual(phasesOf(inTurn("receive", "tokenize", "prefill", "return")), [{ name: "prompt", startUs: 10, endUs: 30 }]);
});

it("puts the prompt of a further answer under the first one's making", () => {
  assert.deepEqual(tree(inTurn("tokenize", "prefill", "sample", "decode", "wait", "prefill")), [
    "prompt/tokenize", "prompt/prefill", "generate/sample", "generate/decode", "generate/wait", "generate/prefill",
  ]);
});

it("keeps what ran beside the answer out of it", () => {
  const spans: SpanRecord[] = [...inTurn("tokenize", "prefill", "sample", "decode", "sample"), { name: "stream write", startUs: 31, endUs: 35 }];
  assert.equal(phaseOf(spans.at(-1)!, phasesOf(spans)), undefined);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { redact } from "../../../../protocol/trace-file/redact.ts";
import { contentOf } from "../../../../protocol/trace-file/request-trace.ts";
import { withTokens } from "../../../../protocol/trace-file/token-tables.ts";
import type { TraceTokens } from "../../../../protocol/trace-tokens.ts";
import { sampleTrace } from "./sample.ts";

const recorded: TraceTokens = {
  id: "t", recording: "full", live: false, complete: false, pieces: { 7: " Paris", 8: " London" }, partial: {}, prompt: { ids: [8, 7], cached: 1 },
  answers: [{
    answer: 0, ids: [7], logprobs: [-0.25], entropies: [0.5], topIds: [[7, 8]], topLogprobs: [[-0.25, null]], chosenBy: ["greedy"], guesses: ["none"], timesUs: [4000], steps: [12], batch: [2], cells: [25], poolCells: [40],
  }],
  vitals: { timesUs: [0, 250_000], loopDelayUs: [10, 20], rssBytes: [null, 5e8], cells: [1, 2], cellsInAll: [64, 64], sequences: [1, 1], threads: [null, null], othersBusy: [0.1, 0.2] },
};

test("a trace's tokens, its prompt and what went on around it are tables and series of its file", () => {
  const { tables, series, meta } = withTokens(contentOf(sampleTrace()), recorded);
  const [tokens, prompt] = tables;
  assert.deepEqual(tokens?.rows, [{
    answer: 0, timeUs: 4000, id: 7, text: " Paris", logprob: -0.25, entropy: 0.5, topIds: [7, 8], topTexts: [" Paris", " London"], topLogprobs: [-0.25, -Infinity],
    chosenBy: "greedy", guess: "none", step: 12, batch: 2, cells: 25, poolCells: 40,
  }]);
  assert.deepEqual(prompt?.rows.map(({ text, cached }) => [text, cached]), [[" London", true], [" Paris", false]]);
  assert.deepEqual(series.find(({ name }) => name === "rssBytes")?.points, [[250_000, 5e8]]);
  assert.equal(series.some(({ name }) => name === "threads"), false);
  assert.match(meta.notes.join(), /outgrew/);
});

test("redacted, the numbers stay and neither texts nor ids do", () => {
  const { tables } = redact(withTokens(contentOf(sampleTrace()), recorded));
  assert.deepEqual(tables.map(({ name, rows }) => [name, rows]), [
    ["tokens", [{ answer: 0, timeUs: 4000, logprob: -0.25, entropy: 0.5, step: 12, batch: 2, cells: 25, poolCells: 40 }]],
    ["prompt", [{ cached: true }, { cached: false }]],
  ]);
});

test("nothing recorded adds nothing", () => {
  const content = contentOf(sampleTrace());
  const empty = { ...recorded, complete: true, prompt: null, answers: [], vitals: { ...recorded.vitals, timesUs: [] } };
  assert.deepEqual(withTokens(content, empty), content);
});

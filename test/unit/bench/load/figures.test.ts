import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { figuresOf } from "../../../../bench/load/figures.ts";
import type { Stream } from "../../../../bench/load/job.ts";
import { readStream } from "../../../../bench/load/sse.ts";

const stream = (sentMs: number, textMs: number[]): Stream =>
  ({ sentMs, textMs, endMs: textMs.at(-1)! + 1, text: "", promptTokens: 100, cachedTokens: 10, completionTokens: textMs.length });

describe("the figures of a run", () => {
  test("follow their definitions", () => {
    const figures = figuresOf([stream(0, [100, 110, 120, 130, 140]), stream(0, [200, 220, 240, 260, 400])]);
    assert.equal(figures.tokensPerSecond, 25);
    assert.equal(figures.decodeTokensPerSecond, 60);
    assert.equal(figures.prefillTokensPerSecond, 1000);
    assert.equal(figures.ttftMeanMs, 150);
    assert.equal(figures.ttftLastMs, 200);
    assert.equal(figures.itlMaxMs, 140);
    assert.equal(figures.cachedTokens, 20);
  });

  test("count a request's time from when it was sent, not from the job's start", () => {
    assert.equal(figuresOf([stream(0, [50, 60]), stream(1000, [1030, 1040])]).ttftMeanMs, 40);
  });

  test("refuse a stream without text: it has no first token", () => {
    assert.throws(() => figuresOf([stream(0, [])]), /no text/);
  });
});

describe("reading a stream", () => {
  const events = [
    { choices: [{ index: 0, text: "Hé" }] },
    { choices: [{ index: 0, text: "" }] },
    { choices: [{ index: 0, text: "llo" }] },
    { choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } } },
  ];
  const body = Buffer.from(`: heartbeat\n\n${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`);

  test("gives the same answer however the bytes were cut", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: body.length - 1 }), { maxLength: 12 }), (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), body.length];
      const arrivals = ends.map((end, index) => ({ atMs: index, bytes: body.subarray(ends[index - 1] ?? 0, end) }));
      const { text, textMs, promptTokens, cachedTokens, completionTokens } = readStream(0, arrivals, 99);
      assert.deepEqual({ text, promptTokens, cachedTokens, completionTokens }, { text: "Héllo", promptTokens: 7, cachedTokens: 4, completionTokens: 3 });
      assert.equal(textMs.length, 2);
    }));
  });

  test("dates a piece of text by the bytes that completed it", () => {
    const end = body.indexOf("llo");
    const arrivals = [{ atMs: 5, bytes: body.subarray(0, end) }, { atMs: 9, bytes: body.subarray(end) }];
    assert.deepEqual(readStream(0, arrivals, 9).textMs, [5, 9]);
  });

  test("reads chat chunks too", () => {
    const chat = `data: ${JSON.stringify({ choices: [{ delta: { content: "yes" } }], usage: { prompt_tokens: 1, completion_tokens: 1 } })}\n\n`;
    assert.equal(readStream(0, [{ atMs: 1, bytes: Buffer.from(chat) }], 2).text, "yes");
  });

  test("fails on an error event, and where no usage came", () => {
    const error = Buffer.from(`data: ${JSON.stringify({ error: { message: "out of cells" } })}\n\n`);
    assert.throws(() => readStream(0, [{ atMs: 1, bytes: error }], 2), /out of cells/);
    assert.throws(() => readStream(0, [{ atMs: 1, bytes: body.subarray(0, 60) }], 2), /usage/);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FileSpan } from "../../../../protocol/trace-file/content.ts";
import { extentUs, stagesOf } from "../../../../protocol/trace-file/stages.ts";
import { content } from "./arbitrary.ts";

const span = (id: string, parentId: string | null, name: string, startUs: number, durationUs: number): FileSpan => ({ id, parentId, name, startUs, durationUs, attributes: {}, track: 0 });
const times = (spans: FileSpan[]) => Object.fromEntries(stagesOf({ spans, tracks: [] }).map(({ name, count, totalUs, selfUs }) => [name, [count, totalUs, selfUs]]));

test("self time is without what runs within, once where two do at a time", () => {
  assert.deepEqual(times([span("0", null, "a", 0, 100), span("1", "0", "b", 10, 50), span("2", "0", "b", 40, 40), span("3", "0", "c", 90, 30)]), { a: [1, 100, 20], b: [2, 90, 90], c: [1, 30, 30] });
});

test("a name within itself counts once in the total", () => {
  assert.deepEqual(times([span("0", null, "f", 0, 100), span("1", "0", "f", 10, 50), span("2", "1", "g", 20, 10)]), { f: [2, 100, 90], g: [1, 10, 10] });
});

test("a stack of 50,000 levels", () => {
  const deep = Array.from({ length: 50_000 }, (_, level) => span(String(level), level === 0 ? null : String(level - 1), "f", 0, 1));
  assert.deepEqual(times(deep), { f: [50_000, 1, 1] });
});

test("no stage takes less than nothing, and every span is counted", async () => {
  fc.assert(fc.property(content, (given) => {
    const stages = stagesOf(given);
    assert.equal(stages.reduce((sum, { count }) => sum + count, 0), given.spans.length);
    for (const { selfUs, totalUs } of stages) assert.ok(selfUs >= 0 && totalUs >= 0);
    assert.ok(extentUs(given.spans) >= 0);
  }));
});

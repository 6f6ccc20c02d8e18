import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mulberry32 } from "../../../../base/random.ts";
import { memorySource } from "../../../../protocol/trace-file/byte-source.ts";
import type { TraceContent } from "../../../../protocol/trace-file/content.ts";
import { TraceReader } from "../../../../protocol/trace-file/reader.ts";
import { contentOf, tracesOf } from "../../../../protocol/trace-file/request-trace.ts";
import { encodeWhole, readWhole } from "../../../../protocol/trace-file/whole.ts";
import { content, trace } from "./arbitrary.ts";

test("a trace comes back exactly", async () => {
  await fc.assert(fc.asyncProperty(trace, fc.integer({ min: 1, max: 50 }), async (given, rows) => {
    const { repairs, ...found } = await readWhole(memorySource(await encodeWhole(contentOf(given), { rows })));
    assert.deepEqual(repairs, []);
    assert.deepEqual(tracesOf(found), [given]);
  }));
});

test("so do tracks, tables and series, whatever their cells", async () => {
  await fc.assert(fc.asyncProperty(content, fc.integer({ min: 1, max: 50 }), async (given, rows) => {
    const { repairs, ...found } = await readWhole(memorySource(await encodeWhole(given, { rows })));
    assert.deepEqual(repairs, []);
    assert.deepEqual(found, given);
  }));
});

/** A minute in which a span begins about every millisecond, each tenth a longer one. */
function long(): TraceContent {
  const random = mulberry32(1);
  const spans = Array.from({ length: 60_000 }, (_, index) => ({
    id: String(index), parentId: null, name: index % 10 === 0 ? "long" : "short", startUs: index * 1000 + Math.floor(random() * 900),
    durationUs: index % 10 === 0 ? 9000 : 10, attributes: { random: random() }, track: index % 2,
  }));
  const tracks = [0, 1].map((id) => ({ id, name: `track ${id}`, kind: "thread", request: null }));
  return { meta: { title: "long", producer: "test", source: "inferno", startedAt: null, redacted: false, requests: [], notes: [] }, tracks, spans, tables: [], series: [] };
}

test("only what a window shows is read", async () => {
  const bytes = await encodeWhole(long());
  let taken = 0;
  const source = { size: bytes.length, read: async (offset: number, length: number) => {
    taken += Math.min(length, bytes.length - offset);
    return bytes.subarray(offset, offset + length);
  } };
  const reader = await TraceReader.open(source);
  assert.equal(reader.spanCount, 60_000);
  assert.ok(taken < bytes.length / 20, `opening took ${taken} of ${bytes.length} bytes`);

  const window = { fromUs: 30_000_000, toUs: 30_100_000 };
  const found = new Set<string>();
  for await (const block of reader.spans(window)) for (let row = 0; row < block.rows; row += 1) found.add(block.ids.at(row));
  for (const { id, startUs, durationUs } of long().spans) if (startUs <= window.toUs && startUs + durationUs >= window.fromUs) assert.ok(found.has(id), `span ${id} is in the window`);
  assert.ok(taken < bytes.length / 2, `a window took ${taken} of ${bytes.length} bytes`);

  const longest = [];
  for await (const block of reader.spans({ atLeastUs: 1000 })) for (let row = 0; row < block.rows; row += 1) longest.push(block.names.at(row));
  assert.deepEqual([longest.length, new Set(longest)], [6000, new Set(["long"])], "blocks hold spans of similar length");
});

test("the densities count every span where it begins", async () => {
  const reader = await TraceReader.open(memorySource(await encodeWhole(long())));
  const density = await reader.density();
  assert.equal(density.reduce((sum, { spans }) => sum + spans, 0), 60_000);
  assert.equal(density.reduce((sum, { busyUs }) => sum + busyUs, 0), 54_000 * 10 + 6000 * 9000);
  const early = density.filter(({ lengthClass, bucket, widthUs }) => lengthClass === 0 && (bucket + 1) * widthUs <= 30_000_000).reduce((sum, { spans }) => sum + spans, 0);
  assert.ok(Math.abs(early - 27_000) < 100, `${early} short spans begin in the first half`);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { encodeBlock } from "../../../../protocol/trace-file/block.ts";
import { joined, memorySource } from "../../../../protocol/trace-file/byte-source.ts";
import { ByteWriter } from "../../../../protocol/trace-file/bytes.ts";
import { encodeChunk, fileHeader, type ChunkKind } from "../../../../protocol/trace-file/chunk.ts";
import type { FileSpan, TraceContent } from "../../../../protocol/trace-file/content.ts";
import { contentOf } from "../../../../protocol/trace-file/request-trace.ts";
import { encodeSummary } from "../../../../protocol/trace-file/summary.ts";
import { encodeWhole, readWhole, type WholeTrace } from "../../../../protocol/trace-file/whole.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import { TraceReader } from "../../../../protocol/trace-file/reader.ts";
import { zlibDeflate } from "../../../../runtime/trace-file/zlib-deflate.ts";
import { content } from "./arbitrary.ts";
import { sampleTrace } from "./sample.ts";

const read = (bytes: Uint8Array, most = 1000): Promise<WholeTrace> => readWhole(memorySource(bytes), { most, deflate: zlibDeflate });
const encoded = (given: TraceContent = contentOf(sampleTrace()), rows = 4): Promise<Uint8Array> => encodeWhole(given, { rows, deflate: zlibDeflate });
const whats = ({ repairs }: WholeTrace): string => repairs.map(({ what }) => what).join("\n");

/** All that a file may answer: what is in it, or one of these errors. */
async function readOrRefuse(bytes: Uint8Array): Promise<WholeTrace | null> {
  try {
    return await read(bytes);
  } catch (error) {
    assert.ok(error instanceof InfernoError, String(error));
    assert.ok(["trace_file_invalid", "trace_file_newer", "trace_file_too_large"].includes(error.code), error.message);
    return null;
  }
}

test("cut off anywhere, what is whole before is read and the rest is said to be missing", async () => {
  const given = contentOf(sampleTrace());
  const bytes = await encoded(given);
  let before = -1;
  for (let length = 0; length < bytes.length; length += 1) {
    const found = await readOrRefuse(bytes.subarray(0, length));
    if (length < 16) {
      assert.equal(found, null);
      continue;
    }
    assert.ok(found !== null && found.spans.length >= before, `${length} bytes`);
    assert.match(whats(found), /cut off|ends within/);
    before = found.spans.length;
    const roots = new Map(given.spans.map((span) => [span.id, span]));
    for (const span of found.spans) assert.deepEqual({ ...span, parentId: null }, { ...roots.get(span.id), parentId: null });
  }
  assert.equal(before, given.spans.length, "the spans are all there before the index is");
});

test("a flipped bit in a chunk costs that chunk, and is said", async () => {
  await fc.assert(fc.asyncProperty(content, fc.nat(), fc.nat({ max: 7 }), async (given, position, bit) => {
    const bytes = await encoded(given);
    const at = position % bytes.length;
    const flipped = Uint8Array.from(bytes);
    flipped[at] = flipped[at]! ^ (1 << bit);
    const found = await readOrRefuse(flipped);
    if (at < 8) assert.equal(found, null, "no magic");
    if (found === null) return assert.ok(at < 16, `byte ${at}`);
    assert.ok(found.spans.length <= given.spans.length && found.tables.length <= given.tables.length && found.series.length <= given.series.length);
    const reader = await TraceReader.open(memorySource(flipped), zlibDeflate);
    await reader.density();
    if (at >= 16) assert.ok(found.repairs.length + reader.repairs.length > 0, `byte ${at} of ${bytes.length} is covered by a checksum`);
  }), { endOnFailure: true });
});

test("random bytes in random places never crash, hang or grow", async () => {
  await fc.assert(fc.asyncProperty(content, fc.array(fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 9 })), { minLength: 1, maxLength: 8 }), async (given, writes) => {
    const bytes = Uint8Array.from(await encoded(given));
    for (const [position, part] of writes) bytes.set(part.subarray(0, bytes.length - (position % bytes.length)), position % bytes.length);
    const found = await readOrRefuse(bytes);
    assert.ok(found === null || found.spans.length <= given.spans.length);
  }));
});

/** A file of these chunks, with right checksums: what somebody makes on purpose. */
function file(...chunks: readonly Uint8Array[]): Uint8Array {
  return joined([fileHeader(), ...chunks]);
}

function chunk(kind: ChunkKind, body: Uint8Array, claims: { size?: number; deflated?: boolean } = {}): Uint8Array {
  const isData = kind === "spans" || kind === "table" || kind === "series";
  const summary = isData ? encodeSummary({ rows: 1, fromUs: 0, toUs: 1, low: 0, high: 1, subject: 0, firstTrack: 0, lastTrack: 0 }) : new Uint8Array();
  return encodeChunk(kind, summary, body, claims.size ?? body.length, claims.deflated ?? false);
}

const varints = (...values: number[]): Uint8Array => {
  const writer = new ByteWriter();
  for (const value of values) writer.varint(value);
  return writer.take();
};

function spansOf(changes: Partial<FileSpan>[]): Uint8Array {
  const spans = changes.map((change, index): FileSpan => ({ id: String(index), parentId: null, name: "x", startUs: 0, durationUs: 1, attributes: {}, track: 0, ...change }));
  return encodeBlock(spans.length, [
    { name: "place", cells: spans.map((_, index) => index) }, { name: "id", cells: spans.map(({ id }) => id) }, { name: "parent", cells: spans.map(({ parentId }) => parentId) },
    { name: "name", cells: spans.map(({ name }) => name) }, { name: "track", cells: spans.map(({ track }) => track) },
    { name: "start", cells: spans.map(({ startUs }) => startUs) }, { name: "duration", cells: spans.map(({ durationUs }) => durationUs) },
  ]);
}

describe("made on purpose", () => {
  const bad: [name: string, bytes: () => Uint8Array, repair: RegExp][] = [
    ["a billion rows", () => file(chunk("spans", varints(1e9))), /1000000000 rows are claimed/],
    ["a million rows of nothing", () => file(chunk("spans", joined([varints(1_000_000, 1, 2), Uint8Array.of(97), varints(1, 0), Uint8Array.of(0), varints(1), Uint8Array.of(1)]))), /1000000 values are claimed, and 0 bytes are left/],
    ["a billion texts", () => file(chunk("spans", varints(1, 1e9))), /1000000000 texts are claimed/],
    ["a text of 100 MB", () => file(chunk("spans", varints(1, 1, 2e8))), /100000000 bytes are wanted/],
    ["a billion columns", () => file(chunk("spans", varints(1, 0, 1e9))), /1000000000 columns are claimed/],
    ["a number without end", () => file(chunk("spans", new Uint8Array(9).fill(255))), /no end|too large/],
    ["a chunk of 4 GB", () => {
      const bytes = chunk("spans", new Uint8Array(8));
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, 0xffff_ffff, true);
      return file(bytes);
    }, /claims 4294967295 bytes/],
    ["a bomb", () => file(chunk("spans", deflateRawSync(new Uint8Array(60_000_000)), { size: 10_000_000, deflated: true })), /larger than (?:the )?10000000 bytes/],
    ["a bomb that says so", () => file(chunk("spans", deflateRawSync(new Uint8Array(100_000_000)), { size: 100_000_000, deflated: true })), /more than the \d+ that a chunk may have/],
    ["a size that no compression has", () => file(chunk("spans", deflateRawSync(new Uint8Array(8)), { size: 50_000_000, deflated: true })), /no compression makes/],
    ["deflate that is none", () => file(chunk("spans", new Uint8Array(50_000).fill(255), { size: 60_000, deflated: true })), /cannot be inflated/],
    ["no spans", () => file(chunk("spans", varints(0, 0, 0))), /a block of no spans/],
    ["spans without places", () => file(chunk("spans", varints(1, 0, 0))), /no column "place"/],
    ["metadata that is no JSON", () => file(chunk("meta", Uint8Array.of(123))), /not JSON/],
    ["metadata of another shape", () => file(chunk("meta", new TextEncoder().encode('{"title":1}'))), /title/],
    ["a track of a wrong kind", () => file(chunk("declarations", new TextEncoder().encode('{"tracks":[{"id":-1,"name":"","kind":"","request":null}],"tables":[],"series":[]}'))), /tracks\.0\.id/],
  ];
  for (const [name, bytes, repair] of bad) {
    test(name, async () => {
      const found = await read(bytes());
      assert.deepEqual(found.spans, []);
      assert.match(whats(found), repair);
      assert.match(whats(found), /byte 16 |claims 4294967295/);
    });
  }

  test("cyclic parents, parents that are missing, ids that are taken", async () => {
    const found = await read(file(chunk("spans", spansOf([{ parentId: "1" }, { parentId: "2" }, { parentId: "0" }, { parentId: "3" }, { parentId: "gone" }, { id: "0" }]))));
    assert.deepEqual(found.spans.map(({ id, parentId }) => [id, parentId]), [["0", null], ["1", "2"], ["2", "0"], ["3", null], ["4", null], ["0 (1)", null]]);
    assert.match(whats(found), /1 spans had the id of another[^]*1 spans name a parent[^]*2 spans were their own ancestors/);
  });

  test("times that are no numbers, negative or huge", async () => {
    const found = await read(file(chunk("spans", spansOf([
      { startUs: Number.NaN }, { durationUs: Number.NaN }, { durationUs: -5 }, { startUs: 1e300 }, { startUs: Number.NEGATIVE_INFINITY }, { durationUs: Number.POSITIVE_INFINITY }, { startUs: -7 },
    ]))));
    assert.deepEqual(found.spans.map(({ startUs, durationUs }) => [startUs, durationUs]), [[0, 1], [0, 0], [0, 0], [2 ** 53, 1], [-(2 ** 53), 1], [0, 2 ** 53], [-7, 1]]);
    assert.match(whats(found), /6 spans had times/);
  });

  test("names are data", async () => {
    const name = "<img src=x onerror=alert(1)>\u202e\u0000${process.exit()}";
    const found = await read(file(chunk("spans", spansOf([{ name }]))));
    assert.equal(found.spans[0]?.name, name);
  });

  test("an index that cannot be found is made anew", async () => {
    const bytes = await encoded();
    const damaged = Uint8Array.from(bytes);
    const view = new DataView(damaged.buffer);
    // In the end chunk, whose checksum no longer fits: the file is read as one without an end.
    view.setFloat64(damaged.length - 16, 1e15, true);
    const found = await read(damaged);
    assert.equal(found.spans.length, sampleTrace().spans.length);
    assert.notDeepEqual(found.repairs, []);
  });

  test("more than fits into memory is refused, not cut", async () => {
    const bytes = await encoded();
    await assert.rejects(read(bytes, 3), (error: InfernoError) => error.code === "trace_file_too_large" && /more than 3 /.test(error.message));
  });
});

describe("what is no such file", () => {
  const header = (major: number, minor: number): Uint8Array => {
    const bytes = Uint8Array.from(fileHeader());
    new DataView(bytes.buffer).setUint16(8, major, true);
    new DataView(bytes.buffer).setUint16(10, minor, true);
    return bytes;
  };
  const refused: [name: string, bytes: Uint8Array, code: string, message: RegExp][] = [
    ["nothing", new Uint8Array(), "trace_file_invalid", /0 bytes/],
    ["text", new TextEncoder().encode('{"traceEvents": [], "more": 1}'), "trace_file_invalid", /begins with other bytes/],
    ["changed line ends", Uint8Array.of(0x89, 0x49, 0x4e, 0x46, 0x54, 0x0a, 0x1a, 1, 0, 0, 0, 0, 0, 0, 0, 0), "trace_file_invalid", /transfer as text/],
    ["version 2", header(2, 0), "trace_file_newer", /version 2\.0.*up to version 1/],
    ["version 0", header(0, 1), "trace_file_invalid", /no version 0\.1/],
  ];
  for (const [name, bytes, code, message] of refused) {
    test(name, async () => {
      await assert.rejects(read(bytes), (error: InfernoError) => error.code === code && message.test(error.message) && error.hint !== "");
    });
  }

  test("a newer minor version is read, and chunks and columns of unknown kinds are passed over", async () => {
    const unknown = encodeChunk("end", new Uint8Array(), Uint8Array.of(1, 2, 3), 3, false);
    unknown[0] = 99;
    const found = await read(joined([header(1, 7), unknown, chunk("spans", spansOf([{}]))]));
    assert.equal(found.spans.length, 1);
  });
});

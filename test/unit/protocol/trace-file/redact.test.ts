import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memorySource } from "../../../../protocol/trace-file/byte-source.ts";
import type { TraceContent } from "../../../../protocol/trace-file/content.ts";
import type { Deflate } from "../../../../protocol/trace-file/deflate.ts";
import { redact } from "../../../../protocol/trace-file/redact.ts";
import { contentOf, tracesOf } from "../../../../protocol/trace-file/request-trace.ts";
import { encodeWhole, readWhole } from "../../../../protocol/trace-file/whole.ts";
import { content } from "./arbitrary.ts";
import { sampleTrace } from "./sample.ts";

/** Writes everything as it is, so that a text that is there can be found. */
const store: Deflate = { deflate: async (bytes) => bytes, inflate: async (bytes) => bytes };

/** Every text of a value, keys too, as letters that no word of ours has: a stranger's text is then known wherever it is. */
/** Longer than a number, whose bytes may look like anything. */
const start = "λμνξο";
const mark = (text: string): string => start + Array.from(text, (letter) => String.fromCodePoint(0x3b1 + (letter.codePointAt(0)! % 24))).join("");

function marked(value: unknown): unknown {
  if (typeof value === "string") return mark(value);
  if (value instanceof Uint8Array) return new TextEncoder().encode(mark(String.fromCharCode(...value)));
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [mark(key), marked(inner)]));
}

/** Only what a stranger wrote: the contract's own keys and words stay, as nothing else could be read. */
const strangers = ({ spans, tables, series, meta, tracks }: TraceContent): TraceContent => ({
  tracks: tracks.map((track) => ({ ...track, name: String(marked(track.name)) })),
  spans: spans.map((span) => ({ ...span, id: mark(span.id), parentId: span.parentId === null ? null : mark(span.parentId), name: String(marked(span.name)), attributes: marked(span.attributes) as typeof span.attributes })),
  tables: tables.map(({ name, rows }) => ({ name: String(marked(name)), rows: rows.map((row) => marked(row) as typeof row) })),
  series: series.map(({ name, unit, points }) => ({ name: String(marked(name)), unit: String(marked(unit)), points })),
  meta: {
    ...meta, title: String(marked(meta.title)), producer: String(marked(meta.producer)), notes: meta.notes.map((note) => String(marked(note))),
    requests: meta.requests.map((request) => ({
      ...request, id: String(marked(request.id)), model: String(marked(request.model)), route: String(marked(request.route)), startedAt: String(marked(request.startedAt)),
      errorCode: marked(request.errorCode) as string | null, prompt: marked(request.prompt) as string | null, completion: marked(request.completion) as string | null,
      parameters: marked(request.parameters) as Record<string, unknown>,
      engine: request.engine === null ? null : { name: String(marked(request.engine.name)), library: String(marked(request.engine.library)), quantization: String(marked(request.engine.quantization)), path: String(marked(request.engine.path)) },
      reuse: request.reuse === null ? null : { ...request.reuse, differs: request.reuse.differs === null ? null : { ...request.reuse.differs, cached: String(marked(request.reuse.differs.cached)), prompt: String(marked(request.reuse.differs.prompt)) } },
    })),
  },
});

test("no text of the original is anywhere in the file", async () => {
  await fc.assert(fc.asyncProperty(content, async (given) => {
    const bytes = await encodeWhole(redact(strangers(given)), { deflate: store });
    const text = new TextDecoder("utf-8").decode(bytes);
    assert.ok(!text.includes(start), text);
  }));
});

test("nor of a request as it is recorded, in any format", async () => {
  const given = sampleTrace();
  const { exporters } = await import("../../../../protocol/trace-convert/formats.ts");
  const redacted = redact({ ...contentOf(given), tables: [{ name: "tokens", rows: [{ token: 4711, text: " Paris", bytes: new TextEncoder().encode(" Paris"), logprob: -0.5, topIds: [4711, 815], topTexts: [" Paris", " London"], timeUs: 12 }] }] });
  const files = [new TextDecoder().decode(await encodeWhole(redacted, { deflate: store })), ...Object.values(exporters).map((exported) => exported(redacted))];
  for (const file of files) assert.doesNotMatch(file, /Paris|London|France|somebody|secret|confidential|lookup|lovely|ember|llama|Q8_0|b1234|4711|0198c0de|2026/);
});

test("times, counts and structure stay", async () => {
  const given = sampleTrace();
  const read = await readWhole(memorySource(await encodeWhole(redact(contentOf(given)))));
  const found = tracesOf(read)[0]!;
  assert.equal(read.meta.redacted, true);
  const shape = ({ spans }: typeof given) => spans.map(({ name, startUs, durationUs, parentId }) => [name, startUs, durationUs, spans.findIndex(({ id }) => id === parentId)]);
  assert.deepEqual(shape(found), shape(given));
  assert.deepEqual([found.promptTokens, found.completionTokens, found.ttftUs, found.reuse?.tokens, found.speculation], [24, 3, 4100, 8, { drafted: 4, accepted: 2 }]);
  assert.deepEqual(found.parameters, { temperature: 0.7 });
  assert.deepEqual(found.spans.find(({ name }) => name === "prefill")?.attributes, { tokens: 24, batch: 1, shared: true });
});

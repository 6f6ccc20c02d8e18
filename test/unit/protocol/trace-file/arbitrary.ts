import fc from "fast-check";
import type { Cell, Row, Series, Table, TraceContent } from "../../../../protocol/trace-file/content.ts";
import { contentOf } from "../../../../protocol/trace-file/request-trace.ts";
import type { Span, Trace } from "../../../../protocol/trace.ts";

/** fast-check's own records have no prototype now and then, which no JSON brings back. */
const plainRecord = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> => fc.record<T>(model, { noNullPrototype: true });

/** Also halves of surrogate pairs, zeros, markup, digits, names of Object's own. */
export const text = fc.oneof(
  fc.string({ maxLength: 12 }), fc.string({ unit: "binary", maxLength: 6 }), fc.nat().map(String),
  fc.constantFrom("", "0", "007", "-1", "\ud800", "a\udfff", "__proto__", "constructor", "<script>alert(1)</script>", "request", "decode", "\u0000", "\ufeffx", "é"),
);
const finite = fc.oneof(fc.nat(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(-0, 0.1, 2 ** 53, -(2 ** 50) - 1, 1e300));
const time = fc.oneof(fc.nat(), fc.nat({ max: 1e15 }), fc.integer(), fc.double({ min: -1e9, max: 1e9, noNaN: true }));
const duration = fc.oneof(fc.nat({ max: 100 }), fc.nat(), fc.nat({ max: 1e15 }), fc.double({ min: 0, max: 1e9, noNaN: true })).map((value) => value + 0);
/** zod's records drop `__proto__`, so no trace of the daemon has it. */
const key = text.filter((name) => name !== "__proto__");
const record = <T>(value: fc.Arbitrary<T>) => fc.array(fc.tuple(key, value), { maxLength: 5 }).map((entries): Record<string, T> => Object.fromEntries(entries));

const spans = fc.array(plainRecord({ parent: fc.nat(), name: text, startUs: time, durationUs: duration, attributes: record(fc.oneof(text, finite, fc.boolean())), isRoot: fc.boolean() }), { maxLength: 40 })
  .chain((drafts) => fc.uniqueArray(text, { minLength: drafts.length, maxLength: drafts.length }).map((ids): Span[] => drafts.map(({ parent, isRoot, ...span }, index) => ({
    ...span, id: ids[index]!, parentId: index === 0 || isRoot ? null : ids[parent % index]!,
  }))));

const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

export const trace: fc.Arbitrary<Trace> = plainRecord({
  id: text, model: text, route: text, startedAt: text, status: fc.constantFrom("running", "ok", "error", "cancelled"), errorCode: nullable(text),
  durationUs: finite.map((value) => value + 0), promptTokens: fc.nat(), completionTokens: fc.nat(), ttftUs: nullable(fc.nat()), tokensPerSecond: nullable(fc.double({ min: 0, max: 1e6, noNaN: true })),
  reuse: nullable(plainRecord({
    tokens: fc.nat(), source: fc.constantFrom("none", "running", "cached", "disk"), reason: fc.constantFrom("whole", "differs", "ends", "empty"),
    differs: nullable(plainRecord({ position: fc.nat(), cached: text, prompt: text })),
  })),
  speculation: nullable(plainRecord({ drafted: fc.nat(), accepted: fc.nat() })),
  prompt: nullable(text), completion: nullable(text),
  parameters: record(fc.jsonValue({ maxDepth: 2, noUnicodeString: false })).map((value): Record<string, unknown> => JSON.parse(JSON.stringify(value)) as Record<string, unknown>),
  engine: nullable(plainRecord({ name: text, library: text, quantization: text, path: text })),
  template: fc.constantFrom("file", "none", null), recording: fc.constantFrom("full", "numbers", "off"),
  spans,
});

const cell: fc.Arbitrary<Cell> = fc.oneof(
  finite, fc.double(), text, fc.boolean(), fc.uint8Array({ maxLength: 5 }).map((bytes) => Uint8Array.from(bytes)),
  fc.array(finite, { maxLength: 4 }), fc.array(text, { minLength: 1, maxLength: 4 }),
);
const row: fc.Arbitrary<Row> = fc.array(fc.tuple(key, cell), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
const table: fc.Arbitrary<Table> = plainRecord({ name: text, rows: fc.array(row, { minLength: 1, maxLength: 30 }) });
const series: fc.Arbitrary<Series> = plainRecord({ name: text, unit: text, points: fc.array(fc.tuple(time, fc.double()), { minLength: 1, maxLength: 30 }) });

/** Several requests in one file, whose spans may have ids alike. */
export const content: fc.Arbitrary<TraceContent> = plainRecord({
  traces: fc.array(trace, { maxLength: 3 }),
  tables: fc.uniqueArray(table, { maxLength: 3, selector: ({ name }) => name }),
  series: fc.uniqueArray(series, { maxLength: 3, selector: ({ name }) => name }),
  title: text, producer: text, redacted: fc.boolean(), notes: fc.array(text, { maxLength: 2 }),
}).map(({ traces, tables, series: all, ...meta }) => {
  const one = traces.map((each) => contentOf(each));
  return {
    meta: { ...meta, source: "inferno", startedAt: null, requests: one.flatMap(({ meta: { requests } }) => requests) },
    tracks: one.map((_, index) => ({ id: index, name: `request ${index}`, kind: "request", request: index })),
    spans: one.flatMap(({ spans: mine }, index) => mine.map((span) => ({ ...span, track: index }))),
    tables, series: all,
  };
});

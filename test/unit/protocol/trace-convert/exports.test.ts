import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { InfernoError } from "../../../../protocol/errors.ts";
import { exportFormats } from "../../../../protocol/trace-convert/format-names.ts";
import { exporters, importTrace } from "../../../../protocol/trace-convert/formats.ts";
import type { FileSpan, TraceContent } from "../../../../protocol/trace-file/content.ts";
import { contentOf } from "../../../../protocol/trace-file/request-trace.ts";
import { stagesOf } from "../../../../protocol/trace-file/stages.ts";
import { matchesGolden } from "../../../drivers/golden.ts";
import { content } from "../trace-file/arbitrary.ts";
import { sampleTrace } from "../trace-file/sample.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const sample = (): TraceContent => ({ ...contentOf(sampleTrace()), series: [{ name: "rss", unit: "bytes", points: [[0, 1e6], [5000, 2e6]] }] });

for (const format of exportFormats) {
  test(`${format}: a request`, () => {
    matchesGolden(`trace/${format}.json`, `${JSON.stringify(JSON.parse(exporters[format](sample())), null, 1)}\n`);
  });

  test(`${format}: whatever is in a trace, what is exported can be imported`, async () => {
    await fc.assert(fc.asyncProperty(content.filter(({ spans }) => spans.length > 0), async (given) => {
      const found = await importTrace(bytes(exporters[format](given)));
      if (format === "chrome" || format === "otlp") assert.deepEqual(found.spans.map(({ name }) => name).sort(), namesOf(given, format));
    }), { numRuns: 40, endOnFailure: true });
  });
}

/** A request's root is named by OpenTelemetry's convention. */
function namesOf({ spans, meta }: TraceContent, format: "chrome" | "otlp"): string[] {
  if (format === "chrome") return spans.map(({ name }) => name).sort();
  const operation = (route: string): string => (route.includes("chat") ? "chat" : route.includes("embedding") ? "embeddings" : route.includes("completion") || route.includes("infill") ? "text_completion" : "inference");
  return spans.map(({ name, parentId, track }) => (parentId === null ? `${operation(meta.requests[track]!.route)} ${meta.requests[track]!.model}` : name)).sort();
}

/** What every format of stacks keeps: names, times, and what is within what. */
const shape = (spans: readonly FileSpan[]): string[] => {
  const byId = new Map(spans.map((span) => [span.id, span]));
  return spans.map(({ name, startUs, durationUs, parentId }) => `${Math.round(startUs)} ${Math.round(durationUs)} ${name} < ${parentId === null ? "" : byId.get(parentId)?.name ?? "?"}`).sort();
};

test("times and nesting come back from formats that know both", async () => {
  const given = sample();
  for (const format of ["chrome", "speedscope"] as const) {
    const found = await importTrace(bytes(exporters[format](given)));
    const main = found.tracks[0]?.id;
    const nested = found.spans.filter(({ track }) => track === main);
    assert.deepEqual(shape(nested), shape(given.spans.filter(({ name }) => name !== "stream write")), format);
    assert.equal(found.spans.length, given.spans.length, `${format}: what overlaps is in a track beside`);
  }
  const otlp = await importTrace(bytes(exporters.otlp(given)));
  assert.equal(otlp.meta.startedAt, "2026-01-02T03:04:05.000Z");
  assert.deepEqual(otlp.spans.map(({ startUs, durationUs }) => [startUs, durationUs]), given.spans.map(({ startUs, durationUs }) => [startUs, durationUs]));
  assert.deepEqual(otlp.spans.map(({ parentId }) => otlp.spans.findIndex(({ id }) => id === parentId)), given.spans.map(({ parentId }) => given.spans.findIndex(({ id }) => id === parentId)));
  const root = otlp.spans[0]!;
  assert.equal(root.name, "chat ember");
  assert.equal(root.attributes["gen_ai.usage.output_tokens"], 3);
});

test("a .cpuprofile keeps how long each name ran", async () => {
  const given = sample();
  const found = await importTrace(bytes(exporters.cpuprofile(given)));
  const main = { ...given, spans: given.spans.filter(({ name }) => name !== "stream write") };
  const times = (of: Pick<TraceContent, "spans" | "tracks">) => Object.fromEntries(stagesOf(of).filter(({ selfUs }) => selfUs > 0.5).map(({ name, selfUs }) => [name, Math.round(selfUs)]));
  assert.deepEqual(times(found), times(main));
});

describe("a file that is not valid names the first thing that is wrong", () => {
  const bad: [text: string, message: RegExp][] = [
    ["", /empty/], ["{", /nor JSON/], ["\u00e9".normalize(), /nor JSON/], ["42", /number/], ["{}", /no keys/], ['{"a":1,"b":2}', /it has a, b/],
    ['{"traceEvents":7}', /Chrome trace/], ['[{"ph":"X","name":"a"}]', /traceEvents\.0\.ts/], ['[{"ph":"X","ts":1},{"name":1}]', /traceEvents\.1\.(?:ph|name)/],
    ['{"resourceSpans":[]}', /no span/], ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"a","spanId":"b","startTimeUnixNano":"x","endTimeUnixNano":"1"}]}]}]}', /resourceSpans\.0\.scopeSpans\.0\.spans\.0\.startTimeUnixNano/],
    ['{"shared":{"frames":[]},"profiles":[{"type":"evented","name":"","unit":"none","startValue":0,"endValue":1,"events":[{"type":"O","frame":3,"at":0}]}]}', /no frame 3/],
    ['{"shared":{"frames":[{"name":"a"}]},"profiles":[{"type":"evented","name":"","unit":"none","startValue":0,"endValue":1,"events":[{"type":"C","frame":0,"at":0}]}]}', /events\.0: frame 0 is closed/],
    ['{"shared":{"frames":[]},"profiles":[{"type":"sampled","name":"","unit":"parsecs","startValue":0,"endValue":1,"samples":[],"weights":[]}]}', /profiles\.0\.unit/],
    ['{"nodes":[],"samples":[]}', /nodes/],
    ['{"nodes":[{"id":1,"callFrame":{"functionName":"a","url":"","lineNumber":0,"columnNumber":0},"children":[1]}],"startTime":0,"endTime":1,"samples":[1],"timeDeltas":[0]}', /its own ancestor/],
    ['{"nodes":[{"id":1,"callFrame":{"functionName":"a","url":"","lineNumber":0,"columnNumber":0}}],"startTime":0,"endTime":1,"samples":[2],"timeDeltas":[0]}', /no node 2/],
    ['{"spans":[],"promptTokens":1}', /trace of Inferno: \w+/],
  ];
  for (const [text, message] of bad) {
    test(text.slice(0, 60), async () => {
      await assert.rejects(importTrace(bytes(text)), (error: InfernoError) => error instanceof InfernoError && error.code === "trace_file_invalid" && message.test(error.message) && error.hint !== "");
    });
  }
});

test("Chrome's pairs, async spans, counters and what is left open", async () => {
  const events = [
    { ph: "M", name: "thread_name", pid: 1, tid: 2, args: { name: "worker" } }, { ph: "M", name: "process_name", pid: 1, args: { name: "app" } },
    { ph: "B", name: "outer", pid: 1, tid: 2, ts: 100 }, { ph: "X", name: "inner", pid: 1, tid: 2, ts: 110, dur: 5, args: { list: [1, 2] } }, { ph: "E", pid: 1, tid: 2, ts: 130, args: { end: true } },
    { ph: "E", pid: 1, tid: 2, ts: 140 }, { ph: "B", name: "open", pid: 1, tid: 2, ts: 150 },
    { ph: "b", name: "later", cat: "io", id: "0x1", pid: 1, tid: 2, ts: 120 }, { ph: "e", name: "later", cat: "io", id: "0x1", pid: 1, tid: 2, ts: 160 },
    { ph: "C", name: "heap", pid: 1, ts: 105, args: { used: 7 } }, { ph: "i", name: "mark", pid: 1, tid: 2, ts: 106 },
  ];
  const found = await importTrace(bytes(JSON.stringify(events)));
  assert.deepEqual(shape(found.spans), ["0 30 outer < ", "10 5 inner < outer", "20 40 later < ", "50 10 open < "]);
  assert.deepEqual(found.tracks.map(({ name, kind }) => [name, kind]), [["app, worker", "thread"], ["io 0x1", "async"]]);
  assert.deepEqual(found.spans.map(({ attributes }) => attributes).filter((attributes) => Object.keys(attributes).length > 0), [{ end: true }, { list: "[1,2]" }]);
  assert.deepEqual(found.series, [{ name: "heap", unit: "used", points: [[5, 7]] }]);
  assert.deepEqual(found.meta.notes, ["1 events begin and never end; they end with the trace.", "1 events end and never began; they are left out.", "1 events of the kind \"i\" are left out."]);
});

test("speedscope's samples: what stays on the stack stays one span", async () => {
  const file = { shared: { frames: [{ name: "main", file: "a.ts", line: 3 }, { name: "work" }, { name: "rest" }] }, profiles: [{ type: "sampled", name: "cpu", unit: "milliseconds", startValue: 0, endValue: 6, samples: [[0, 1], [0, 1], [0, 2], [0]], weights: [1, 2, 1, 2] }] };
  const found = await importTrace(bytes(JSON.stringify(file)));
  assert.deepEqual(shape(found.spans), ["0 3000 work < main", "0 6000 main < ", "3000 1000 rest < main"]);
  assert.deepEqual(found.spans[0]?.attributes, { file: "a.ts", line: 3 });
});

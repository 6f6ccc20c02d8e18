import assert from "node:assert/strict";
import { test } from "node:test";
import { attributesOf } from "../../../../protocol/panels/flame-attributes.ts";
import { columnsOf } from "../../../../protocol/panels/flame-columns.ts";
import { FlameFileSession } from "../../../../protocol/panels/flame-file-session.ts";
import { openTraceFile, type ClosableSource } from "../../../../protocol/panels/flame-open-file.ts";
import { ToFlame } from "../../../../protocol/panels/flame.ts";
import { exportFormats, fileEnds } from "../../../../protocol/trace-convert/format-names.ts";
import { exporters } from "../../../../protocol/trace-convert/formats.ts";
import { memorySource } from "../../../../protocol/trace-file/byte-source.ts";
import { contentOf } from "../../../../protocol/trace-file/request-trace.ts";
import { encodeWhole } from "../../../../protocol/trace-file/whole.ts";
import { initialFlame, reduceFlame } from "../../../../webviews/flame/model.ts";
import { sampleTrace } from "../../../drivers/panels/sample-trace.ts";

const trace = sampleTrace({ tokens: 400 });
const bytes = await encodeWhole(contentOf(trace));

/** The file in memory, counting what is read of it. */
function countingSource(content: Uint8Array): ClosableSource & { read: ClosableSource["read"]; bytesRead: number; closed: number } {
  const memory = memorySource(content);
  return {
    size: memory.size, bytesRead: 0, closed: 0,
    async read(offset, length) {
      this.bytesRead += length;
      return await memory.read(offset, length);
    },
    async close() {
      this.closed++;
    },
  };
}

test("a file of one request is that request, with the same spans", async () => {
  const opened = await openTraceFile(countingSource(bytes), { name: "a.inferno-trace" });
  const { columns, file } = await opened.read(null);
  assert.equal(opened.trace.id, trace.id);
  assert.deepEqual([file.spans, file.leftOut, columns.lane], [trace.spans.length, 0, null]);
  const lines = ({ count, startUs, name, names, attributes, parent }: typeof columns) =>
    Array.from({ length: count }, (_, at) => JSON.stringify([startUs[at], names[name[at]!], attributesOf(attributes, at).sort(), parent[at] === -1])).sort();
  assert.deepEqual(lines(columns), lines(columnsOf(trace.spans)));
});

test("where there is no room for all, the longest are read; nearer by, the short ones of that part", async () => {
  // Blocks of few spans, as a file many times this size has in proportion.
  const source = countingSource(await encodeWhole(contentOf(trace), { rows: 50 }));
  const opened = await openTraceFile(source, { name: "a.inferno-trace", room: 300 });
  const far = await opened.read(null);
  assert.ok(far.file.leftOut > 0 && far.columns.count < trace.spans.length);
  const longest = Math.max(...far.columns.endUs.map((end, at) => end - far.columns.startUs[at]!));
  assert.equal(longest, trace.durationUs, "the request itself is always there");
  const read = source.bytesRead;
  await opened.read({ fromUs: 0, toUs: 10 });
  assert.ok(source.bytesRead - read < source.size / 4, "a part of the file is read for a part of its time");
});

test("a session sends the file, then what is asked for of it; what is no trace file is said; everything is closed", async () => {
  const sources: ReturnType<typeof countingSource>[] = [];
  const posted: ToFlame[] = [];
  const session = (content: Uint8Array) => new FlameFileSession({
    open: async () => {
      const source = countingSource(content);
      sources.push(source);
      return await openTraceFile(source, { name: "a.inferno-trace" });
    },
    post: (message) => posted.push(ToFlame.parse(message)),
    copy: async () => {},
  });
  const good = session(bytes);
  await good.receive({ type: "ready" });
  await good.receive({ type: "window", fromUs: 0, toUs: 50_000 });
  await good.receive({ type: "open", traceId: "tr_1", compare: false });
  await good.dispose();
  assert.deepEqual(posted.map((message) => (message.type === "failed" ? message.error.error.code : message.type)), ["file", "file", "trace_not_found"]);
  assert.deepEqual(sources.map(({ closed }) => closed), [1]);

  const state = posted.slice(0, 2).reduce((before, message) => reduceFlame(before, { type: "received", message }), initialFlame);
  assert.deepEqual([state.shown?.trace.id, state.shown?.file?.toUs, state.chart?.layout.bounds.endUs], [trace.id, 50_000, trace.durationUs]);

  posted.length = 0;
  await session(new TextEncoder().encode("<script>alert(1)</script> is no trace")).receive({ type: "ready" });
  assert.deepEqual(posted.map((message) => message.type === "failed" && message.error.error.code), ["trace_file_invalid"]);
});

test("files of other programs open by what they hold", async () => {
  const content = contentOf(trace);
  for (const format of exportFormats) {
    const opened = await openTraceFile(countingSource(new TextEncoder().encode(exporters[format](content))), { name: `a${fileEnds[format]}` });
    const { columns, file } = await opened.read(null);
    assert.ok(columns.names.includes("decode"), format);
    assert.equal(file.leftOut, 0);
    assert.ok(Math.abs(file.boundsUs[1] - file.boundsUs[0] - trace.durationUs) < 2, `${format}: ${file.boundsUs.join(" to ")}`);
  }
});

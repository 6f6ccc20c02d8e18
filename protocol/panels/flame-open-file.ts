import { InfernoError } from "../errors.ts";
import { importTrace } from "../trace-convert/formats.ts";
import type { ByteSource } from "../trace-file/byte-source.ts";
import { magic } from "../trace-file/chunk.ts";
import type { FileSpan, Meta, Track } from "../trace-file/content.ts";
import type { Deflate } from "../trace-file/deflate.ts";
import { TraceReader } from "../trace-file/reader.ts";
import type { SpanBlock } from "../trace-file/span-block.ts";
import type { Trace } from "../trace.ts";
import { chooseBlocks, columnsOfBlocks, type Block, type Lane } from "./flame-blocks.ts";
import type { FileWindow, OpenFile } from "./flame-file-session.ts";

/** Spans that a panel is given at once: many more than a screen has points, and few enough to be read and sent while one waits. */
const mostSpans = 400_000;

export interface ClosableSource extends ByteSource {
  close(): Promise<void>;
}

export interface OpenOptions {
  /** As the panel calls it. */
  readonly name: string;
  readonly deflate?: Deflate;
  readonly room?: number;
}

/** Files of other programs are text that has to be read whole. */
const mostForeignBytes = 400 * 1024 * 1024;

/** Opens a trace file for a panel: one of ours, or one of another program, told by its content. */
export async function openTraceFile(source: ClosableSource, options: OpenOptions): Promise<OpenFile> {
  const [first] = await source.read(0, 1);
  return first === magic[0] ? await openInPart(source, options) : await openForeign(source, options);
}

/** What is large is read in part: the longest spans of the window first. */
async function openInPart(source: ClosableSource, { name, deflate, room = mostSpans }: OpenOptions): Promise<OpenFile> {
  const reader = await TraceReader.open(source, deflate);
  const entries = reader.spanEntries();
  const boundsUs = boundsOf(entries);
  const lanes = lanesOf(reader.tracks);
  const requestOf = new Map(reader.tracks.map(({ id, request }) => [id, request ?? -1]));
  return {
    trace: factsOf(reader.meta, name, boundsUs),
    read: async (window: FileWindow | null) => {
      const { chosen, leftOut } = chooseBlocks(entries, window, room);
      const blocks: Block[] = [];
      for (const entry of chosen) {
        const block = await reader.spanBlock(entry);
        if (block !== null) blocks.push(viewOf(block));
      }
      const columns = columnsOfBlocks(blocks, lanes, (track) => requestOf.get(track) ?? -1);
      const notes = [...reader.meta.notes, ...reader.repairs.map(({ what }) => what)];
      const [fromUs, toUs] = window === null ? boundsUs : [window.fromUs, window.toUs];
      return { columns, file: { name, format: reader.meta.source, spans: reader.spanCount, leftOut, notes, boundsUs, fromUs, toUs } };
    },
    close: () => source.close(),
  };
}

async function openForeign(source: ClosableSource, { name }: OpenOptions): Promise<OpenFile> {
  if (source.size > mostForeignBytes) {
    throw new InfernoError("trace_file_too_large", `${name} has ${source.size} bytes; files of this format are read whole, up to ${mostForeignBytes} bytes.`, {
      hint: "Record a shorter time, or convert the file to .inferno-trace, which is read in part.",
    });
  }
  const { meta, tracks, spans, repairs } = await importTrace(await source.read(0, source.size));
  const requestOf = new Map(tracks.map(({ id, request }) => [id, request ?? -1]));
  const columns = columnsOfBlocks([blockOf(spans)], lanesOf(tracks), (track) => requestOf.get(track) ?? -1);
  const boundsUs = boundsOf(spans.map(({ startUs, durationUs }) => ({ fromUs: startUs, toUs: startUs + durationUs })));
  const notes = [...meta.notes, ...repairs.map(({ what }) => what)];
  return {
    trace: factsOf(meta, name, boundsUs),
    // All of it is there already.
    read: async () => ({ columns, file: { name, format: meta.source, spans: spans.length, leftOut: 0, notes, boundsUs, fromUs: boundsUs[0], toUs: boundsUs[1] } }),
    close: () => source.close(),
  };
}

const blockOf = (spans: readonly FileSpan[]): Block => ({
  rows: spans.length,
  startUs: Float64Array.from(spans, ({ startUs }) => startUs), durationUs: Float64Array.from(spans, ({ durationUs }) => durationUs), tracks: Float64Array.from(spans, ({ track }) => track),
  idAt: (row) => spans[row]!.id, nameAt: (row) => spans[row]!.name, parentAt: (row) => spans[row]!.parentId, attributesAt: (row) => spans[row]!.attributes,
});

function viewOf(block: SpanBlock): Block {
  const { rows, startUs, durationUs, tracks, ids, names } = block;
  return {
    rows, startUs, durationUs, tracks,
    idAt: (row) => ids.at(row), nameAt: (row) => names.at(row), parentAt: (row) => block.parentAt(row), attributesAt: (row) => block.attributesAt(row),
  };
}

const lanesOf = (tracks: readonly Track[]): Lane[] => tracks.map(({ id, name }) => ({ id, name }));

function boundsOf(entries: readonly { readonly fromUs: number; readonly toUs: number }[]): readonly [number, number] {
  let [from, to] = [Infinity, -Infinity];
  for (const entry of entries) {
    if (entry.fromUs < from) from = entry.fromUs;
    if (entry.toUs > to) to = entry.toUs;
  }
  return Number.isFinite(from) && Number.isFinite(to) ? [Math.min(0, from), to] : [0, 1];
}

/** The request of a file that has one; of another program's, or of several, what the file says of itself. */
function factsOf({ requests, title, startedAt }: Meta, name: string, [fromUs, toUs]: readonly [number, number]): Omit<Trace, "spans"> {
  const [request] = requests;
  if (request !== undefined && requests.length === 1) return request;
  return {
    id: name, model: title === "" ? name : title, route: "", startedAt: startedAt ?? "", status: "ok", errorCode: null, durationUs: toUs - fromUs, promptTokens: 0,
    completionTokens: 0, ttftUs: null, tokensPerSecond: null, reuse: null, speculation: null, prompt: null, completion: null, parameters: {}, engine: null, template: null, recording: "off",
  };
}

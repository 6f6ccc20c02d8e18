import type { ByteSource } from "../trace-file/byte-source.ts";
import type { Meta, Track } from "../trace-file/content.ts";
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

/** Opens a trace file for a panel. What is large is read in part: the longest spans of the window first. */
export async function openTraceFile(source: ClosableSource, { name, deflate, room = mostSpans }: OpenOptions): Promise<OpenFile> {
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
    completionTokens: 0, ttftUs: null, tokensPerSecond: null, reuse: null, speculation: null, prompt: null, completion: null, parameters: {}, engine: null,
  };
}

import type { FileSpan, TraceContent } from "../trace-file/content.ts";

/** Spans of one track that nest strictly, each within an ancestor: formats of stacks know no others. The spans given are a tree, as `readWhole` leaves them. */
export interface Lane {
  readonly track: number;
  /** 0 is the track's own; what overlaps there is in the next. */
  readonly number: number;
  /** Every one directly after those that hold it. */
  readonly spans: readonly FileSpan[];
}

interface Filling {
  readonly spans: FileSpan[];
  readonly open: FileSpan[];
}

const lanesAtMost = 64;
/** How far up an ancestor is looked for: formats of stacks are read by people. */
const farthest = 1000;

/** Spans that find no lane are left out; `dropped` says how many. */
export function lanesOf({ spans }: Pick<TraceContent, "spans">): { lanes: Lane[]; dropped: number } {
  const lanes: Lane[] = [];
  let dropped = 0;
  for (const [track, own] of Map.groupBy(spans, (span) => span.track)) {
    const byId = new Map(own.map((span) => [span.id, span]));
    const parentOf = ({ parentId }: FileSpan): FileSpan | undefined => (parentId === null ? undefined : byId.get(parentId));
    const depths = depthsOf(own, parentOf);
    const filling: Filling[] = [];
    // Those that begin together: what holds others before them, and of siblings the shorter one, which may have no length at all.
    for (const span of own.toSorted((a, b) => a.startUs - b.startUs || depths.get(a)! - depths.get(b)! || a.durationUs - b.durationUs)) {
      let lane = filling.find((each) => fits(each, span, parentOf));
      if (lane === undefined) {
        if (filling.length === lanesAtMost) {
          dropped += 1;
          continue;
        }
        filling.push((lane = { spans: [], open: [] }));
      }
      lane.spans.push(span);
      lane.open.push(span);
    }
    lanes.push(...filling.map((lane, number) => ({ track, number, spans: lane.spans })));
  }
  return { lanes, dropped };
}

type ParentOf = (span: FileSpan) => FileSpan | undefined;

const endOf = ({ startUs, durationUs }: FileSpan): number => startUs + durationUs;

/** Within an ancestor, or where nothing else is open: what only runs at the same time is no part of it. */
function fits({ open }: Filling, span: FileSpan, parentOf: ParentOf): boolean {
  while (open.length > 0 && endOf(open.at(-1)!) <= span.startUs) open.pop();
  const top = open.at(-1);
  if (top === undefined) return true;
  if (endOf(span) > endOf(top)) return false;
  let at = parentOf(span);
  for (let steps = 0; at !== undefined && steps < farthest; steps += 1) {
    if (at === top) return true;
    at = parentOf(at);
  }
  return false;
}

function depthsOf(spans: readonly FileSpan[], parentOf: ParentOf): Map<FileSpan, number> {
  const depths = new Map<FileSpan, number>();
  for (const span of spans) {
    const way: FileSpan[] = [];
    let at: FileSpan | undefined = span;
    while (at !== undefined && !depths.has(at)) {
      way.push(at);
      at = parentOf(at);
    }
    let depth = at === undefined ? 0 : depths.get(at)! + 1;
    for (const each of way.reverse()) depths.set(each, depth++);
  }
  return depths;
}

export const laneName = (content: Pick<TraceContent, "tracks">, { track, number }: Lane): string => {
  const name = content.tracks.find(({ id }) => id === track)?.name ?? `track ${track}`;
  return number === 0 ? name : `${name} (beside ${number})`;
};

/** Opens and closings of a lane in order of time. */
export function* events(lane: Lane): Generator<{ readonly opens: boolean; readonly span: FileSpan; readonly atUs: number }> {
  const open: FileSpan[] = [];
  for (const span of lane.spans) {
    while (open.length > 0 && endOf(open.at(-1)!) <= span.startUs) {
      const closed = open.pop()!;
      yield { opens: false, span: closed, atUs: endOf(closed) };
    }
    open.push(span);
    yield { opens: true, span, atUs: span.startUs };
  }
  for (const span of open.reverse()) yield { opens: false, span, atUs: endOf(span) };
}

import type { Row } from "./layout.ts";

/** Starts and lengths are sums of doubles: neighbours that touch may overlap by a rounding error. */
export const toleranceUs = 0.001;
/** More boxes above each other than anybody reads; the rest of a broken or very crowded trace shares the last one. */
const mostLanes = 200;
const mostDepth = 2000;

interface Block {
  readonly track: number;
  readonly depth: number;
  /** When the last span of each lane ends. */
  readonly laneEnds: number[];
  readonly counts: number[];
  firstRow: number;
}

/**
 * Within its track every depth has a block of lanes, nearly always one; spans of one depth that overlap are spread over the lanes of their block,
 * so that nothing is hidden. Tracks follow each other.
 */
export function assignRows(startUs: Float64Array, endUs: Float64Array, depth: Uint32Array, track: Uint32Array, tracks: number): { row: Uint32Array; rows: Row[]; crowded: number } {
  const count = startUs.length;
  const blocks: (Block | undefined)[][] = Array.from({ length: tracks }, () => []);
  const lane = new Uint32Array(count);
  let crowded = 0;
  for (let index = 0; index < count; index++) {
    const level = Math.min(depth[index]!, mostDepth);
    const block = (blocks[track[index]!]![level] ??= { track: track[index]!, depth: level, laneEnds: [], counts: [], firstRow: 0 });
    const start = startUs[index]! + toleranceUs;
    let free = 0;
    while (free < block.laneEnds.length && block.laneEnds[free]! > start) free++;
    if (free >= mostLanes) {
      free = mostLanes - 1;
      crowded++;
    }
    block.laneEnds[free] = Math.max(endUs[index]!, free < block.laneEnds.length ? block.laneEnds[free]! : -Infinity);
    block.counts[free] = (block.counts[free] ?? 0) + 1;
    lane[index] = free;
  }
  const rows: { spans: Uint32Array; track: number }[] = [];
  for (const levels of blocks) {
    // Depths that only another track has are holes.
    for (const block of levels) {
      if (block === undefined) continue;
      block.firstRow = rows.length;
      for (const size of block.counts) rows.push({ spans: new Uint32Array(size), track: block.track });
    }
  }
  const filled = new Uint32Array(rows.length);
  // The lanes become rows in place: a million spans need no second array.
  const row = lane;
  for (let index = 0; index < count; index++) {
    const at = blocks[track[index]!]![Math.min(depth[index]!, mostDepth)]!.firstRow + lane[index]!;
    row[index] = at;
    rows[at]!.spans[filled[at]!++] = index;
  }
  return { row, rows, crowded };
}

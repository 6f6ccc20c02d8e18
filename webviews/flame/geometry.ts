import type { Layout } from "./layout.ts";
import type { Track } from "./tracks.ts";

/** Sizes in CSS pixels. */
export const axisHeight = 22;
export const rowHeight = 24;
/** Room above a track, for its heading. */
export const headingHeight = 18;
/** A row of a folded track: its boxes are seen, but not named. */
const foldedHeight = 5;

export interface Heading {
  readonly track: number;
  readonly top: number;
  readonly folded: boolean;
}

/** Where the rows of a layout stand. */
export interface Geometry {
  readonly tops: Float64Array;
  readonly heights: Float64Array;
  readonly headings: readonly Heading[];
  readonly height: number;
}

/** The first track of a trace that is alone needs no heading: it is the request itself. */
const hasHeading = (track: Track, tracks: readonly Track[]): boolean => track.kind !== "stages" || tracks.some(({ trace }) => trace !== track.trace);

export function measure(layout: Layout, folded: ReadonlySet<string>): Geometry {
  const { rows, tracks } = layout;
  const [tops, heights] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  const headings: Heading[] = [];
  let top = axisHeight;
  rows.forEach(({ track }, row) => {
    const of = tracks[track]!;
    const isFolded = folded.has(of.key);
    if (row === 0 || rows[row - 1]!.track !== track) {
      if (row > 0) top += isFolded || folded.has(tracks[rows[row - 1]!.track]!.key) ? 2 : 0;
      if (hasHeading(of, tracks)) {
        headings.push({ track, top, folded: isFolded });
        top += headingHeight;
      }
    }
    tops[row] = top;
    heights[row] = isFolded ? foldedHeight : rowHeight;
    top += heights[row];
  });
  return { tops, heights, headings, height: top + 6 };
}

/** The row at this height, -1 where there is none. */
export function rowAt({ tops, heights }: Geometry, y: number): number {
  let [low, high] = [0, tops.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tops[middle]! + heights[middle]! > y) high = middle;
    else low = middle + 1;
  }
  return low < tops.length && y >= tops[low]! ? low : -1;
}

export const headingAt = ({ headings }: Geometry, y: number): Heading | null => headings.find(({ top }) => y >= top && y < top + headingHeight) ?? null;

/** Layers that a person sees at once; more start folded. */
const mostOpen = 4;

export function foldedAtFirst(tracks: readonly Track[]): ReadonlySet<string> {
  const layers = tracks.filter(({ kind }) => kind === "layer");
  return new Set(layers.length > mostOpen ? layers.map(({ key }) => key) : []);
}

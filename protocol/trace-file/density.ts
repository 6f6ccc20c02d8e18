import { decodeBlock, encodeBlock } from "./block.ts";
import { rowLimit } from "./column-types.ts";
import { invalidFile } from "./faults.ts";
import type { FileSpan } from "./content.ts";

/**
 * How many spans of each class of length begin when, so that a viewer can draw what it does not read: where a point of the screen is wider than
 * a class's spans, it takes these in their place.
 */
export interface Density {
  readonly track: number;
  /** See `classOf`. */
  readonly lengthClass: number;
  /** The bucket begins at `bucket * widthUs`. */
  readonly bucket: number;
  readonly widthUs: number;
  readonly spans: number;
  /** Their durations added up. */
  readonly busyUs: number;
}

/** Shorter than 16 µs is class 0, shorter than 16² µs class 1, and so on up to 7. */
export function classOf(durationUs: number): number {
  let lengthClass = 0;
  for (let limit = 16; durationUs >= limit && lengthClass < 7; limit *= 16) lengthClass += 1;
  return lengthClass;
}

interface Bucket {
  spans: number;
  busyUs: number;
}

/** Buckets over the whole file. When there are too many, all become twice as wide. */
const bucketLimit = 65_536;

export class DensityCounter {
  readonly #lanes = new Map<number, Map<number, Bucket>>();
  #widthUs = 16;
  #buckets = 0;

  add({ track, startUs, durationUs }: FileSpan): void {
    const key = track * 8 + classOf(durationUs);
    let lane = this.#lanes.get(key);
    if (lane === undefined) this.#lanes.set(key, (lane = new Map<number, Bucket>()));
    this.#put(lane, Math.floor(startUs / this.#widthUs), 1, durationUs);
    // With more lanes than buckets, wider ones would not help.
    while (this.#buckets > bucketLimit && this.#buckets > this.#lanes.size && this.#widthUs < 2 ** 53) this.#widen();
  }

  /** Null when there are more tracks than a block has rows. */
  encode(): Uint8Array | null {
    const rows = [...this.#lanes].flatMap(([key, lane]) => [...lane].map(([bucket, { spans, busyUs }]) => ({ key, bucket, spans, busyUs })));
    if (rows.length === 0 || rows.length > rowLimit) return null;
    return encodeBlock(rows.length, [
      { name: "track", cells: rows.map(({ key }) => Math.floor(key / 8)) },
      { name: "class", cells: rows.map(({ key }) => key % 8) },
      { name: "bucket", cells: rows.map(({ bucket }) => bucket) },
      { name: "width", cells: rows.map(() => this.#widthUs) },
      { name: "spans", cells: rows.map(({ spans }) => spans) },
      { name: "busy", cells: rows.map(({ busyUs }) => busyUs) },
    ]);
  }

  #put(lane: Map<number, Bucket>, bucket: number, spans: number, busyUs: number): void {
    const known = lane.get(bucket);
    if (known === undefined) {
      lane.set(bucket, { spans, busyUs });
      this.#buckets += 1;
    } else {
      known.spans += spans;
      known.busyUs += busyUs;
    }
  }

  #widen(): void {
    this.#widthUs *= 2;
    this.#buckets = 0;
    for (const [key, lane] of this.#lanes) {
      const wide = new Map<number, Bucket>();
      for (const [bucket, { spans, busyUs }] of lane) this.#put(wide, Math.floor(bucket / 2), spans, busyUs);
      this.#lanes.set(key, wide);
    }
  }
}

export function decodeDensity(bytes: Uint8Array, place: number): Density[] {
  const { rows, columns } = decodeBlock(bytes, place);
  const values = (name: string): Float64Array => {
    const found = columns.find((column) => column.name === name);
    if (found?.type === "number" && found.rows === null) return found.values;
    throw invalidFile(place, `the densities have no column "${name}"`);
  };
  const [track, lengthClass, bucket, widthUs, spans, busyUs] = [values("track"), values("class"), values("bucket"), values("width"), values("spans"), values("busy")];
  return Array.from({ length: rows }, (_, row) => ({
    track: track[row]!, lengthClass: lengthClass[row]!, bucket: bucket[row]!, widthUs: widthUs[row]!, spans: spans[row]!, busyUs: busyUs[row]!,
  }));
}

import type { Layout, Row } from "./layout.ts";

/** Spans of one block: small enough that a pixel's last one is quickly walked, large enough to skip most of a million. */
export const blockSize = 16;

/** Of each block of a row, the place in `row.spans` of its longest span: what a pixel shows that holds the whole block. */
export interface Blocks {
  readonly longest: Uint32Array;
}

const known = new WeakMap<Row, Blocks>();
const knownHits = new WeakMap<Uint8Array, Map<Row, Uint8Array>>();

/** Made at the first drawing and kept as long as the row. */
export function blocksOf(layout: Layout, row: Row): Blocks {
  let blocks = known.get(row);
  if (blocks === undefined) known.set(row, (blocks = makeBlocks(layout, row)));
  return blocks;
}

function makeBlocks({ startUs, endUs }: Layout, { spans }: Row): Blocks {
  const longest = new Uint32Array(Math.ceil(spans.length / blockSize));
  for (let block = 0; block < longest.length; block++) {
    const from = block * blockSize;
    let best = from;
    for (let place = from + 1; place < Math.min(from + blockSize, spans.length); place++) {
      if (endUs[spans[place]!]! - startUs[spans[place]!]! > endUs[spans[best]!]! - startUs[spans[best]!]!) best = place;
    }
    longest[block] = best;
  }
  return { longest };
}

/** By block: 1 where the search found one of its spans. */
export function hitBlocks(row: Row, hits: Uint8Array): Uint8Array {
  let rows = knownHits.get(hits);
  if (rows === undefined) knownHits.set(hits, (rows = new Map<Row, Uint8Array>()));
  let blocks = rows.get(row);
  if (blocks === undefined) {
    rows.set(row, (blocks = new Uint8Array(Math.ceil(row.spans.length / blockSize))));
    for (let place = 0; place < row.spans.length; place++) if (hits[row.spans[place]!] === 1) blocks[(place / blockSize) | 0] = 1;
  }
  return blocks;
}

import type { TextItem } from "./text-item.ts";

/** A batch as the graph takes it: `rows` × `columns`, row by row. */
export interface PaddedBatch {
  readonly rows: number;
  readonly columns: number;
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
  readonly types: BigInt64Array;
}

/** Where a graph has fixed sizes. */
export interface FixedSize {
  readonly rows: number | null;
  readonly columns: number | null;
}

/**
 * Fills shorter texts up at the end: positions then count from each text's first token. Rows that only fill up a fixed size look at their
 * one token of padding: a softmax over nothing at all would not be a number.
 */
export function padBatch(items: readonly Pick<TextItem, "ids" | "types">[], padId: number, fixed: FixedSize): PaddedBatch {
  const rows = fixed.rows ?? items.length;
  const columns = fixed.columns ?? items.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
  const ids = new BigInt64Array(rows * columns).fill(BigInt(padId));
  const mask = new BigInt64Array(rows * columns);
  const types = new BigInt64Array(rows * columns);
  for (const [row, item] of items.entries()) {
    const start = row * columns;
    for (const [index, id] of item.ids.entries()) ids[start + index] = BigInt(id);
    for (const [index, type] of (item.types ?? []).entries()) types[start + index] = BigInt(type);
    mask.fill(1n, start, start + item.ids.length);
  }
  for (let row = items.length; row < rows; row += 1) mask[row * columns] = 1n;
  return { rows, columns, ids, mask, types };
}

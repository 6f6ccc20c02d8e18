/** Bits 0 to 6 of a column's type byte; bit 7 says that some rows have no value. */
export const columnTypes = { number: 0, text: 1, boolean: 2, bytes: 3, numbers: 4, texts: 5 } as const;
export type ColumnType = keyof typeof columnTypes;

/** The first byte of a run of numbers. */
export const numberForms = { deltas: 0, double: 1, single: 2 } as const;

/** Rows of one block, and values in all its columns: what a reader makes room for at most. */
export const rowLimit = 1_048_576;
export const cellLimit = 16 * rowLimit;

import type { Paint } from "./paint.ts";

export interface Column<Row> {
  readonly title: string;
  readonly align?: "left" | "right" | undefined;
  readonly cell: (row: Row) => string;
  /** Colours a padded cell: padding comes first, because escape codes have no width. */
  readonly paint?: ((text: string, row: Row) => string) | undefined;
}

/** Lines of a table with a dim header row; columns are two spaces apart and the last is not padded. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paint: Paint): string[] {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map(({ title }, index) => Math.max(title.length, ...cells.map((row) => row[index]!.length)));
  const pad = (text: string, index: number): string => {
    if (columns[index]?.align === "right") return text.padStart(widths[index]!);
    return index === columns.length - 1 ? text : text.padEnd(widths[index]!);
  };
  const header = columns.map(({ title }, index) => paint.dim(pad(title, index))).join("  ").trimEnd();
  const lines = cells.map((row, rowIndex) => {
    const painted = row.map((text, index) => {
      const padded = pad(text, index);
      return columns[index]?.paint?.(padded, rows[rowIndex]!) ?? padded;
    });
    return painted.join("  ").trimEnd();
  });
  return [header, ...lines];
}

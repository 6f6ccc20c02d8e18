/** Where a key leads among tokens; null leaves it to the browser. Up and down depend on how the lines are broken: `rowAbove` and `rowBelow` know. */
export interface Rows {
  rowAbove(index: number): number;
  rowBelow(index: number): number;
}

export function walk(key: string, selected: number, count: number, rows: Rows): number | null {
  if (count === 0) return null;
  const within = (index: number) => Math.max(0, Math.min(count - 1, index));
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key === "Escape") return -1;
  const known = key === "ArrowRight" || key === "ArrowLeft" || key === "ArrowDown" || key === "ArrowUp";
  if (known && selected === -1) return 0;
  switch (key) {
    case "ArrowRight":
      return within(selected + 1);
    case "ArrowLeft":
      return within(selected - 1);
    case "ArrowDown":
      return within(rows.rowBelow(selected));
    case "ArrowUp":
      return within(rows.rowAbove(selected));
    default:
      return null;
  }
}

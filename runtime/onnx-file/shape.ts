/** More than any operator takes. A shape is read before anything is known of the file, and nobody's time or screen is to go into one without end. */
export const mostDimensions = 64;
/** Dimensions that a message shows. */
const shown = 8;

export const shapeText = (dims: readonly (number | bigint)[]): string =>
  `[${dims.slice(0, shown).join(", ")}${dims.length > shown ? `, … ${dims.length} dimensions` : ""}]`;

/** Number of elements; null where it is more than can be counted. Sizes are not negative. */
export function countElements(dims: readonly bigint[]): number | null {
  if (dims.includes(0n)) return 0;
  let elements = 1;
  for (const dim of dims) {
    elements *= Number(dim);
    if (elements > Number.MAX_SAFE_INTEGER) return null;
  }
  return elements;
}

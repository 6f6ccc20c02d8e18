import { distance } from "./perspective.ts";
import type { Quad } from "./picture.ts";

/** From here on a box is higher than a single letter in most fonts, as shares of its width. */
const tall = 1.5;
/** From here on it holds no single letter any more: an `l` with the box's margins is not that thin. */
const surelyVertical = 3;

/** How a box may be read: along its longer side, a tall one from the top down as on a book's back. A tall one may be a single letter as well; the better reading counts. */
export function waysToRead([topLeft, topRight, bottomRight, bottomLeft]: Quad): readonly Quad[] {
  const level: Quad = [topLeft, topRight, bottomRight, bottomLeft];
  const downwards: Quad = [topRight, bottomRight, bottomLeft, topLeft];
  const ratio = distance(topLeft, bottomLeft) / distance(topLeft, topRight);
  if (ratio < tall) return [level];
  return ratio < surelyVertical ? [level, downwards] : [downwards];
}

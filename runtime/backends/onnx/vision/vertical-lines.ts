import { distance } from "./perspective.ts";
import type { Quad } from "./picture.ts";

/** Boxes this much higher than wide are lines that run downwards. */
const tall = 1.5;

/** A box's corners as if the text ran along its longer side: a tall one is read from the top down, as text on a book's back. */
export function alongText([topLeft, topRight, bottomRight, bottomLeft]: Quad): Quad {
  const isTall = distance(topLeft, bottomLeft) >= tall * distance(topLeft, topRight);
  return isTall ? [topRight, bottomRight, bottomLeft, topLeft] : [topLeft, topRight, bottomRight, bottomLeft];
}

/** Eight bits a channel, red green blue, row by row, as a person sees it: turned by its EXIF orientation, alpha laid on white. */
export interface Picture extends Size {
  readonly pixels: Uint8Array;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** In pixels, x to the right, y down; the first pixel's centre is at 0.5, 0.5. */
export type Point = readonly [x: number, y: number];

/** Clockwise, from the top left. */
export type Quad = readonly [Point, Point, Point, Point];

import type { Point, Size } from "./picture.ts";

/** Where a picture comes to lie in the frame that a graph takes: scaled to `scaled`, its corner at `left`, `top`. */
export interface Placement {
  readonly picture: Size;
  readonly frame: Size;
  readonly scaled: Size;
  /** Negative where the picture is cut off. */
  readonly left: number;
  readonly top: number;
}

/** `stretch` ignores the proportions, `cover` cuts the edges off, `letterbox` adds bars; both keep the middle in the middle. */
export function placeImage(picture: Size, frame: Size, resize: "stretch" | "cover" | "letterbox"): Placement {
  if (resize === "stretch") return { picture, frame, scaled: frame, left: 0, top: 0 };
  const across = frame.width / picture.width;
  const down = frame.height / picture.height;
  const scale = resize === "cover" ? Math.max(across, down) : Math.min(across, down);
  // Rounding must not leave a row uncovered, nor add one: the side that decides fits exactly.
  const scaled = {
    width: scale === across ? frame.width : Math.max(1, Math.round(picture.width * scale)),
    height: scale === down ? frame.height : Math.max(1, Math.round(picture.height * scale)),
  };
  return { picture, frame, scaled, left: halfOf(frame.width - scaled.width), top: halfOf(frame.height - scaled.height) };
}

/** A point of the frame, in the picture's own pixels; what lies on the bars is moved to the picture's edge. */
export function toPicture({ picture, scaled, left, top }: Placement, [x, y]: Point): Point {
  return [clamp((x - left) * picture.width / scaled.width, picture.width), clamp((y - top) * picture.height / scaled.height, picture.height)];
}

function halfOf(difference: number): number {
  return difference < 0 ? -Math.floor(-difference / 2) : Math.floor(difference / 2);
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}

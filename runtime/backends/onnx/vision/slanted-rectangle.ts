import type { Point, Quad } from "./picture.ts";

/** A rectangle at any angle. */
export interface SlantedRectangle {
  readonly centre: Point;
  /** Along `angle`. */
  readonly width: number;
  readonly height: number;
  /** Radians from the x axis towards the y axis, so clockwise on a screen; above −π/4, at most π/4. */
  readonly angle: number;
}

/** The smallest rectangle around the points: one of its sides lies on a side of their convex hull. */
export function smallestRectangle(points: readonly Point[]): SlantedRectangle {
  const hull = convexHull(points);
  let best: SlantedRectangle | undefined;
  hull.forEach((from, index) => {
    const to = hull[(index + 1) % hull.length] ?? from;
    const rectangle = rectangleAlong(hull, Math.atan2(to[1] - from[1], to[0] - from[0]));
    if (best === undefined || rectangle.width * rectangle.height < best.width * best.height) best = rectangle;
  });
  return best ?? { centre: [0, 0], width: 0, height: 0, angle: 0 };
}

export function widened(rectangle: SlantedRectangle, by: number): SlantedRectangle {
  return { ...rectangle, width: rectangle.width + 2 * by, height: rectangle.height + 2 * by };
}

/** Its corners, clockwise from the one at the top left. */
export function cornersOf({ centre: [x, y], width, height, angle }: SlantedRectangle): Quad {
  const across: Point = [Math.cos(angle) * width / 2, Math.sin(angle) * width / 2];
  const down: Point = [-Math.sin(angle) * height / 2, Math.cos(angle) * height / 2];
  return [
    [x - across[0] - down[0], y - across[1] - down[1]],
    [x + across[0] - down[0], y + across[1] - down[1]],
    [x + across[0] + down[0], y + across[1] + down[1]],
    [x - across[0] + down[0], y - across[1] + down[1]],
  ];
}

/** Andrew's monotone chain. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by).filter(([x, y], index, all) => index === 0 || x !== all[index - 1]?.[0] || y !== all[index - 1]?.[1]);
  if (sorted.length < 3) return sorted;
  return [...chain(sorted), ...chain(sorted.reverse())];
}

/** One half of the hull, without its last point, which begins the other half. */
function chain(sorted: readonly Point[]): Point[] {
  const half: Point[] = [];
  for (const point of sorted) {
    while (half.length >= 2 && turn(half[half.length - 2]!, half[half.length - 1]!, point) <= 0) half.pop();
    half.push(point);
  }
  half.pop();
  return half;
}

function turn([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

function rectangleAlong(points: readonly Point[], direction: number): SlantedRectangle {
  // Of the four directions of one rectangle's sides, the one nearest to the x axis: text is rather level than not.
  const quarter = Math.PI / 2;
  const angle = direction - Math.round(direction / quarter) * quarter;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    const across = x * cos + y * sin;
    const down = y * cos - x * sin;
    left = Math.min(left, across);
    right = Math.max(right, across);
    top = Math.min(top, down);
    bottom = Math.max(bottom, down);
  }
  const [middle, centre] = [(left + right) / 2, (top + bottom) / 2];
  return { centre: [middle * cos - centre * sin, middle * sin + centre * cos], width: right - left, height: bottom - top, angle };
}

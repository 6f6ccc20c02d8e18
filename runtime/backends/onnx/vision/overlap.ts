import type { Box, Detection } from "../../../../protocol/infer.ts";

/** Intersection over union, 0 to 1. */
export function overlapOf(one: Box, other: Box): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (one.width * one.height + other.width * other.height - shared);
}

/** Of boxes of one label that overlap by more than `most`, the best; best first (non-maximum suppression). */
export function withoutOverlaps(detections: readonly Detection[], most: number): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    if (!kept.some(({ label, box }) => label === candidate.label && overlapOf(box, candidate.box) > most)) kept.push(candidate);
  }
  return kept;
}

import type { Layout } from "./layout.ts";
import { percentiles } from "./ranks.ts";

/** Several spans in one line. */
export interface Summary {
  readonly count: number;
  /** Spans inside others of the selection are not counted twice. */
  readonly totalUs: number;
  readonly selfUs: number;
  readonly minUs: number;
  readonly medianUs: number;
  readonly p95Us: number;
}

/** Sums up the spans whose indexes are given, in ascending order. */
export function summarise(layout: Layout, self: Float64Array, spans: Uint32Array): Summary {
  const inside = insideOthers(layout, spans);
  const lengths = new Float64Array(spans.length);
  let [totalUs, selfUs] = [0, 0];
  spans.forEach((index, place) => {
    lengths[place] = layout.endUs[index]! - layout.startUs[index]!;
    selfUs += self[index]!;
    if (inside?.[index] !== 1) totalUs += lengths[place];
  });
  const [minUs = 0, medianUs = 0, p95Us = 0] = percentiles(lengths, 0, 0.5, 0.95);
  return { count: spans.length, totalUs, selfUs, minUs, medianUs, p95Us };
}

/** By index: 1 for what lies inside one of these spans. One pass, because parents come before their children. */
function insideOthers({ count, parent }: Layout, spans: Uint32Array): Uint8Array | null {
  if (spans.length < 2) return null;
  const chosen = new Uint8Array(count);
  for (const index of spans) chosen[index] = 1;
  const inside = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const over = parent[index]!;
    if (over !== -1 && (chosen[over] === 1 || inside[over] === 1)) inside[index] = 1;
  }
  return inside;
}

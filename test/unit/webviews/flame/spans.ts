import * as fc from "fast-check";
import type { Span } from "../../../../protocol/trace.ts";

export const span = (id: string, parentId: string | null, name: string, startUs: number, durationUs: number, attributes: Span["attributes"] = {}): Span => ({
  id, parentId, name, startUs, durationUs, attributes,
});

/** A request with groups and contiguous leaves inside them, and writes beside: well formed, as the daemon records it. In any order. */
export const wellFormedSpans: fc.Arbitrary<Span[]> = fc
  .record({
    groups: fc.array(fc.array(fc.record({ name: fc.constantFrom("wait", "decode", "sample", "prefill"), us: fc.integer({ min: 0, max: 500 }) }), { maxLength: 12 }), { maxLength: 5 }),
    writes: fc.array(fc.record({ at: fc.integer({ min: 0, max: 3000 }), us: fc.integer({ min: 0, max: 400 }) }), { maxLength: 8 }),
    seed: fc.integer(),
  })
  .map(({ groups, writes, seed }) => {
    const spans: Span[] = [];
    let now = 0;
    groups.forEach((leaves, group) => {
      const start = now;
      const inside = leaves.map(({ name, us }, leaf) => span(`g${group}l${leaf}`, `g${group}`, name, (now += us) - us, us));
      spans.push(span(`g${group}`, "root", "group", start, now - start), ...inside);
    });
    spans.push(...writes.map(({ at, us }, place) => span(`w${place}`, "root", "stream write", at, us)));
    spans.push(span("root", null, "request", 0, Math.max(now, ...spans.map(({ startUs, durationUs }) => startUs + durationUs), 1)));
    return shuffled(spans, seed);
  });

/** Anything a broken recorder could write: missing parents, cycles, overlaps, equal ids. */
export const anySpans: fc.Arbitrary<Span[]> = fc.array(
  fc.record({
    id: fc.integer({ min: 0, max: 20 }).map(String),
    parentId: fc.option(fc.integer({ min: 0, max: 25 }).map(String)),
    name: fc.constantFrom("request", "decode", "stream write", "unheard of"),
    startUs: fc.integer({ min: -50, max: 1000 }),
    durationUs: fc.integer({ min: 0, max: 300 }),
    attributes: fc.constant({}),
  }),
  { maxLength: 40 },
);

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed >>> 0 || 1;
  const keyed = items.map((item) => ({ item, key: (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

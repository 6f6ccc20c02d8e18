import type { FileSpan, Track } from "./content.ts";

/** Spans as a tree wants them: ids unique within a request, parents that exist, no cycles. Says what it changed. */
export function repairSpans(spans: readonly FileSpan[], tracks: readonly Track[]): { spans: FileSpan[]; changes: string[] } {
  const requestOf = new Map(tracks.map(({ id, request }) => [id, request]));
  const counts = { duplicates: 0, orphans: 0, cycles: 0 };
  const repaired = [...Map.groupBy(spans.map((span, place) => ({ span, place })), ({ span }) => requestOf.get(span.track) ?? null).values()]
    .flatMap((group) => repairGroup(group, counts));
  const changes = [
    counts.duplicates > 0 ? `${counts.duplicates} spans had the id of another one and were given one of their own.` : "",
    counts.orphans > 0 ? `${counts.orphans} spans name a parent that is not there and became roots.` : "",
    counts.cycles > 0 ? `${counts.cycles} spans were their own ancestors and became roots.` : "",
  ].filter((change) => change !== "");
  return { spans: repaired.sort((a, b) => a.place - b.place).map(({ span }) => span), changes };
}

interface Placed {
  span: FileSpan;
  readonly place: number;
}

function repairGroup(group: readonly Placed[], counts: { duplicates: number; orphans: number; cycles: number }): readonly Placed[] {
  const byId = new Map<string, Placed>();
  // Never counts back: a file full of ids that are taken costs one look at each.
  let count = 1;
  for (const placed of group) {
    if (byId.has(placed.span.id)) {
      const { id } = placed.span;
      while (byId.has(`${id} (${count})`)) count += 1;
      placed.span = { ...placed.span, id: `${id} (${count})` };
      counts.duplicates += 1;
    }
    byId.set(placed.span.id, placed);
  }
  for (const placed of group) {
    if (placed.span.parentId === null || byId.has(placed.span.parentId)) continue;
    placed.span = { ...placed.span, parentId: null };
    counts.orphans += 1;
  }
  const done = new Set<Placed>();
  for (const start of group) {
    const path = new Set<Placed>();
    let at: Placed | undefined = start;
    while (at !== undefined && !done.has(at) && !path.has(at)) {
      path.add(at);
      at = at.span.parentId === null ? undefined : byId.get(at.span.parentId);
    }
    if (at !== undefined && path.has(at)) {
      at.span = { ...at.span, parentId: null };
      counts.cycles += 1;
    }
    for (const placed of path) done.add(placed);
  }
  return group;
}

import { byUrgency } from "./order.ts";
import type { Admission, AdmissionPolicy, CachedState, PoolState, WaitingState } from "./plan.ts";

/** Fewer tokens than this are computed sooner than waited for. */
const worthWaiting = 16;
/** Cells left free for each running answer to grow into: else the newcomer would be swapped out with the next tokens. */
const growth = 16;

/**
 * The most urgent request first; one that does not fit keeps the rest waiting, or younger and smaller ones would take its cells for ever.
 * Only a request whose beginning another one is just computing lets others pass: it will start from that.
 */
export const admission: AdmissionPolicy = (waiting, pool) => {
  if (pool.running >= pool.parallel) return null;
  const next = byUrgency(waiting).find((it) => !waitsForPrefix(it));
  return next ? startOrMakeRoom(next, pool) : null;
};

/** What is coming costs nothing but the wait, and the wait nothing either: the other prompt is computed first anyway. */
const waitsForPrefix = ({ match }: WaitingState): boolean => match !== null && match.coming && match.length - match.ready >= worthWaiting;

function startOrMakeRoom(request: WaitingState, pool: PoolState): Admission | null {
  const { arrival, match } = request;
  const length = request.swapped ? 0 : (match?.ready ?? 0);
  const source = match !== null && length > 0 ? { sequence: match.sequence, length } : null;
  const left = pool.cached.find((it) => it.sequence === source?.sequence);
  const start = (take: boolean): Admission => ({ kind: "start", arrival, from: source && { ...source, take } });

  // The prompt's last token is always computed again, so that a cached one like it loses nothing.
  const takes = left !== undefined && left.tokens - length <= 1;
  const cells = request.tokens - length + growth * pool.running;
  if ((takes || pool.freeSequences > 0) && hasCells(pool, cells, pool.freeCells)) return start(takes);

  if (!hasCells(pool, cells, pool.freeCells + pool.reclaimableCells - (left ? length : 0))) return null;
  const oldest = longestUnused(pool.cached.filter((it) => it !== left));
  if (oldest) return { kind: "evict", sequence: oldest.sequence };
  // Nothing else can go: it goes on in the very sequence that it begins like, whose end is lost.
  return left ? start(true) : null;
}

const hasCells = ({ layout }: PoolState, needed: number, free: number): boolean => layout === "per_sequence" || needed <= free;

function longestUnused(cached: readonly CachedState[]): CachedState | undefined {
  return cached.toSorted((a, b) => a.used - b.used)[0];
}

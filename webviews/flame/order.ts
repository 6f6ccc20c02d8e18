import type { SpanColumns } from "../../protocol/panels/flame-columns.ts";

/** How deep each span lies. A cycle, which only a broken recorder writes, is cut where it is met: `parent` is changed. */
export function depthsOf(parent: Int32Array): Uint32Array {
  const depth = new Uint32Array(parent.length);
  const state = new Uint8Array(parent.length);
  const [unknown, open, known] = [0, 1, 2];
  const path: number[] = [];
  for (let at = 0; at < parent.length; at++) {
    const above = parent[at]!;
    if (above === -1 || (state[above] === known && state[at] === unknown)) {
      depth[at] = above === -1 ? 0 : depth[above]! + 1;
      state[at] = known;
      continue;
    }
    let next = at;
    while (next !== -1 && state[next] === unknown) {
      state[next] = open;
      path.push(next);
      next = parent[next]!;
    }
    if (next !== -1 && state[next] === open) {
      parent[path.at(-1)!] = -1;
      next = -1;
    }
    for (let child = path.pop(); child !== undefined; child = path.pop()) {
      depth[child] = next === -1 ? 0 : depth[next]! + 1;
      state[child] = known;
      next = child;
    }
  }
  return depth;
}

/**
 * The places of the spans by start, parents before their children; null when that is their order already. A merge sort that begins with the runs
 * that are there, because recorders write nearly in this order.
 */
export function timeOrder({ count, startUs }: SpanColumns, depth: Uint32Array): Uint32Array | null {
  const before = (a: number, b: number) => startUs[a]! < startUs[b]! || (startUs[a] === startUs[b] && (depth[a]! < depth[b]! || (depth[a] === depth[b] && a < b)));
  let runs: number[] = [0];
  for (let at = 1; at < count; at++) if (before(at, at - 1)) runs.push(at);
  if (runs.length === 1) return null;
  let from = new Uint32Array(count);
  for (let at = 0; at < count; at++) from[at] = at;
  let to = new Uint32Array(count);
  while (runs.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < runs.length; run += 2) {
      const [start, middle, end] = [runs[run]!, runs[run + 1] ?? count, runs[run + 2] ?? count];
      merged.push(start);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at++) {
        to[at] = left < middle && (right >= end || !before(from[right]!, from[left]!)) ? from[left++]! : from[right++]!;
      }
    }
    runs = merged;
    [from, to] = [to, from];
  }
  return from;
}

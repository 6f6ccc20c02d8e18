/** Two answers side by side: what they have in common, and what only one has. */
export interface Piece {
  readonly kind: "same" | "changed";
  /** From and to in each; both as long in a piece that is the same. */
  readonly left: readonly [from: number, to: number];
  readonly right: readonly [from: number, to: number];
}

/** Differences more than this are not looked for one by one: it would take the square of it in time and memory. */
const mostEdits = 400;

/**
 * The pieces in order: each covers the tokens behind those of the piece before in both answers, and pieces that are the same and that are not take turns.
 * Myers' way (1986): the shortest script of insertions and deletions; two answers that have next to nothing in common are one change.
 */
export function align(left: readonly number[], right: readonly number[]): Piece[] {
  const begin = shared(left, right, (array, at) => array[at]);
  const [a, b] = [left.slice(begin), right.slice(begin)];
  const end = shared(a, b, (array, at) => array[array.length - 1 - at]);
  const matches = editPath(a.slice(0, a.length - end), b.slice(0, b.length - end));
  const builder = new Pieces();
  builder.match(0, 0, begin);
  for (const [x, y] of matches) builder.match(begin + x, begin + y, 1);
  builder.match(left.length - end, right.length - end, end);
  return builder.finish(left.length, right.length);
}

function shared(a: readonly number[], b: readonly number[], take: (array: readonly number[], at: number) => number | undefined): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && take(a, at) === take(b, at)) at++;
  return at;
}

/** Pairs of places that are the same on the shortest path, in order; none when it would be too long. */
function editPath(a: readonly number[], b: readonly number[]): (readonly [number, number])[] {
  const size = a.length + b.length;
  const limit = Math.min(size, mostEdits);
  let reach = new Map<number, number>([[1, 0]]);
  const history: Map<number, number>[] = [];
  for (let edits = 0; edits <= limit; edits++) {
    history.push(reach);
    const next = new Map(reach);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let { x } = startOf(next, diagonal, edits);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return walkBack(history, edits, a.length, b.length);
    }
    reach = next;
  }
  return [];
}

/** Where a path on this diagonal begins: one down from the diagonal above, or one right from that below, whichever is further. */
function startOf(reach: ReadonlyMap<number, number>, diagonal: number, edits: number): { readonly x: number; readonly down: boolean } {
  const fromBelow = reach.get(diagonal - 1) ?? -1;
  const fromAbove = reach.get(diagonal + 1) ?? -1;
  const down = diagonal === -edits || (diagonal !== edits && fromBelow < fromAbove);
  return { x: down ? fromAbove : fromBelow + 1, down };
}

function walkBack(history: readonly ReadonlyMap<number, number>[], edits: number, width: number, height: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  let [x, y] = [width, height];
  for (let round = edits; round >= 0; round--) {
    const start = startOf(history[round]!, x - y, round);
    const startY = start.x - (x - y);
    while (x > start.x) pairs.push([--x, --y]);
    [x, y] = start.down ? [start.x, startY - 1] : [start.x - 1, startY];
  }
  return pairs.reverse();
}

/** Joins matches that follow each other, and puts changes between them. */
class Pieces {
  readonly #pieces: Piece[] = [];
  #left = 0;
  #right = 0;

  match(left: number, right: number, length: number): void {
    if (length === 0) return;
    this.#change(left, right);
    const last = this.#pieces.at(-1);
    const joined = last?.kind === "same" ? this.#pieces.pop() : undefined;
    [this.#left, this.#right] = [left + length, right + length];
    this.#pieces.push({ kind: "same", left: [joined?.left[0] ?? left, this.#left], right: [joined?.right[0] ?? right, this.#right] });
  }

  finish(left: number, right: number): Piece[] {
    this.#change(left, right);
    return this.#pieces;
  }

  #change(left: number, right: number): void {
    if (left === this.#left && right === this.#right) return;
    this.#pieces.push({ kind: "changed", left: [this.#left, left], right: [this.#right, right] });
    [this.#left, this.#right] = [left, right];
  }
}

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { align, type Piece } from "../../../../webviews/tokens/align.ts";

const answer = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 40 });
/** Two answers as a branch makes them: a common beginning, then whatever. */
const branches = fc.tuple(answer, answer, answer).map(([common, left, right]): [number[], number[]] => [[...common, ...left], [...common, ...right]]);

function joined(pieces: readonly Piece[], side: "left" | "right", tokens: readonly number[]): number[] {
  return pieces.flatMap((piece) => tokens.slice(...piece[side]));
}

test("the pieces hold all of both answers, in order, and what is the same is the same", () => {
  fc.assert(fc.property(branches, ([left, right]) => {
    const pieces = align(left, right);
    assert.deepEqual(joined(pieces, "left", left), left);
    assert.deepEqual(joined(pieces, "right", right), right);
    let [a, b] = [0, 0];
    for (const { kind, left: [from, to], right: [start, end] } of pieces) {
      assert.deepEqual([from, start], [a, b]);
      if (kind === "same") assert.deepEqual(left.slice(from, to), right.slice(start, end));
      else assert.ok(to > from || end > start, "a change changes something");
      [a, b] = [to, end];
    }
    assert.ok(pieces.every(({ kind }, at) => kind !== pieces[at + 1]?.kind), "kinds take turns");
  }));
});

test("the common beginning is one piece, as long as it can be", () => {
  fc.assert(fc.property(branches, ([left, right]) => {
    let common = 0;
    while (common < Math.min(left.length, right.length) && left[common] === right[common]) common++;
    const [first] = align(left, right);
    assert.equal(first?.kind === "same" && first.left[0] === 0 && first.right[0] === 0 ? first.left[1] >= common : common === 0, true);
  }));
});

test("as much stays the same as in the longest common subsequence", () => {
  fc.assert(fc.property(answer, answer, (left, right) => {
    const same = align(left, right).reduce((sum, { kind, left: [from, to] }) => sum + (kind === "same" ? to - from : 0), 0);
    assert.equal(same, longestCommon(left, right));
  }));
});

test("two long answers that have nothing in common are one change, soon found", () => {
  const left = Array.from({ length: 10_000 }, (_, at) => at);
  const right = left.map((id) => id + 20_000);
  assert.deepEqual(align([7, ...left], [7, ...right]), [
    { kind: "same", left: [0, 1], right: [0, 1] },
    { kind: "changed", left: [1, 10_001], right: [1, 10_001] },
  ]);
});

function longestCommon(left: readonly number[], right: readonly number[]): number {
  let row = new Array<number>(right.length + 1).fill(0);
  for (const one of left) {
    const next = [0];
    right.forEach((other, at) => next.push(one === other ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!)));
    row = next;
  }
  return row.at(-1)!;
}

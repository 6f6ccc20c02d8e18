import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CellLedger } from "../../../../runtime/scheduler/cell-ledger.ts";

const sequences = 5;
const cells = 60;

/** Every cell is the set of sequences that hold it. */
class Model {
  readonly #layout: "unified" | "per_sequence";
  held: Set<number>[][] = Array.from({ length: sequences }, () => []);

  constructor(layout: "unified" | "per_sequence") {
    this.#layout = layout;
  }

  get used(): number {
    return new Set(this.held.flat()).size;
  }

  room(sequence: number): number {
    return this.#layout === "unified" ? cells - this.used : cells / sequences - this.held[sequence]!.length;
  }

  append(sequence: number, count: number): void {
    for (let i = 0; i < count; i += 1) this.held[sequence]!.push(new Set([sequence]));
  }

  share(from: number, to: number, length: number): void {
    if (this.#layout === "per_sequence") return this.append(to, length);
    for (const cell of this.held[from]!.slice(0, length)) this.held[to]!.push(cell.add(to));
  }

  truncate(sequence: number, length: number): void {
    for (const cell of this.held[sequence]!.splice(length)) cell.delete(sequence);
  }
}

const ids = fc.nat(sequences - 1);
const action = fc.record({ kind: fc.constantFrom("append", "share", "truncate"), a: ids, b: ids, size: fc.nat(20) });

for (const layout of ["unified", "per_sequence"] as const) {
  test(`${layout}: after any steps it says what counting every cell says`, () => {
    fc.assert(fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const [ledger, model] = [new CellLedger({ cells, sequences, layout }), new Model(layout)];
      for (const { kind, a, b, size } of actions) {
        const length = model.held[a]!.length;
        if (kind === "append") for (const it of [ledger, model]) it.append(a, Math.min(size, model.room(a)));
        else if (kind === "truncate") for (const it of [ledger, model]) it.truncate(a, Math.min(size, length));
        else if (a !== b && model.held[b]!.length === 0) for (const it of [ledger, model]) it.share(a, b, Math.min(size, length));
        assert.equal(ledger.used, model.used);
        assert.equal(ledger.free, cells - model.used);
        for (let sequence = 0; sequence < sequences; sequence += 1) {
          assert.equal(ledger.lengthOf(sequence), model.held[sequence]!.length);
          assert.equal(ledger.ownCells(sequence), model.held[sequence]!.filter((cell) => cell.size === 1).length);
          assert.equal(ledger.room(sequence), model.room(sequence));
        }
      }
    }));
  });
}

test("more cells than there are is a bug of the caller", () => {
  const ledger = new CellLedger({ cells: 10, sequences: 2, layout: "unified" });
  ledger.append(0, 10);
  assert.throws(() => ledger.append(1, 1), /takes 1 cells, and 0 are free/);
  assert.throws(() => ledger.share(1, 0, 0), /not empty/);
  assert.throws(() => ledger.share(0, 1, 11), /holds less than 11/);
  ledger.share(0, 1, 10);
  assert.equal(ledger.used, 10);
});

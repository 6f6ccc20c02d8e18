import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { SequencePool } from "../../../../runtime/host/sequence-pool.ts";
import { SpillFolder } from "../../../../runtime/host/spill-folder.ts";
import { plainLoad } from "./harness.ts";

const tokens = Array.from({ length: 40 }, (_, index) => index);
const broken = (): never => {
  throw new Error("it is broken");
};

async function poolOf(spill: SpillFolder | null = null) {
  const { memory, capacity } = await loadFakeOn(virtualTime(new VirtualClock()), {
    ...plainLoad, path: "fake:mix?layout=unified&sequences=4", context: 64, parallel: 4, batch: 64, kvCells: 200,
  });
  const pool = new SequencePool(memory, capacity, spill);
  const run = (count: number): number => {
    const sequence = pool.open(tokens, "", null);
    memory.append(sequence, tokens.slice(0, count), "");
    pool.grew(sequence, count);
    return sequence;
  };
  return { pool, memory, run };
}

test("a state of which only a part is wanted leaves no sequence behind, not even when the engine fails", async () => {
  const { pool, memory, run } = await poolOf();
  const sequence = run(40);
  assert.ok(pool.snapshot(sequence, 10, tokens));
  memory.save = broken;
  assert.throws(() => pool.snapshot(sequence, 10, tokens), /it is broken/);
  assert.deepEqual([pool.state(1, 0).freeSequences, pool.cellsUsed], [3, 40]);
});

test("a prefix that cannot be saved makes room all the same", async () => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-pool-"));
  try {
    const { pool, memory, run } = await poolOf(new SpillFolder({ folder, limitBytes: 1e6, binding: "model", now: () => new Date(0) }));
    pool.leave(run(40), tokens, true);
    memory.save = broken;
    pool.dropAll();
    assert.deepEqual([pool.isEmpty, pool.cellsUsed, memory.used], [true, 0, 0]);
    assert.equal(pool.evicted([...tokens, 41], ""), 40);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("what comes back behind a shift is shared with nobody, and can be shifted again", async () => {
  const { pool, run } = await poolOf();
  const sequence = run(40);
  assert.ok(pool.shift(sequence, 8, 16));
  const back = pool.swapIn({ bytes: pool.swapOut(sequence), length: 24 }, [], 24, "");
  assert.equal(pool.match(tokens, ""), null);
  assert.ok(pool.shift(back, 8, 8));
  assert.equal(pool.cellsUsed, 16);
});

test("a shift that fails while shared cells are moved leaves a sequence that can be evicted", async () => {
  const { pool, memory, run } = await poolOf();
  const sequence = run(40);
  const other = pool.open(tokens, "", { sequence, length: 40, take: false });
  memory.restore = broken;
  assert.throws(() => pool.shift(other, 8, 16), /it is broken/);
  pool.evict(other);
  assert.deepEqual([pool.cellsUsed, memory.used, pool.state(1, 0).freeSequences], [40, 40, 3]);
});

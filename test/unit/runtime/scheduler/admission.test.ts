import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { admission } from "../../../../runtime/scheduler/admission.ts";
import { CellLedger } from "../../../../runtime/scheduler/cell-ledger.ts";
import type { CachedState, PoolState, WaitingState } from "../../../../runtime/scheduler/plan.ts";
import { PrefixTree } from "../../../../runtime/scheduler/prefix-tree.ts";
import { victim } from "../../../../runtime/scheduler/victim.ts";

const request = (it: Partial<WaitingState> & { arrival: number }): WaitingState => ({ priority: 0, tokens: 50, swapped: false, match: null, ...it });
const pool = (it: Partial<PoolState> = {}): PoolState => ({
  running: 0, parallel: 4, freeCells: 1000, reclaimableCells: 0, freeSequences: 8, cached: [], layout: "unified", ...it,
});
const left = (it: Partial<CachedState> & { sequence: number }): CachedState => ({ tokens: 100, used: it.sequence, ...it });
const start = (arrival: number, from: { sequence: number; length: number; take: boolean } | null = null) => ({ kind: "start", arrival, from });

describe("who starts", () => {
  test("higher priority, then the older", () => {
    assert.deepEqual(admission([request({ arrival: 2 }), request({ arrival: 1 })], pool()), start(1));
    assert.deepEqual(admission([request({ arrival: 1 }), request({ arrival: 2, priority: 1 })], pool()), start(2));
  });

  test("nobody while as many run as may", () => {
    assert.equal(admission([request({ arrival: 1 })], pool({ running: 4 })), null);
  });

  test("one that does not fit keeps the younger and smaller waiting", () => {
    const waiting = [request({ arrival: 1, tokens: 900 }), request({ arrival: 2, tokens: 10 })];
    assert.equal(admission(waiting, pool({ running: 1, freeCells: 500 })), null);
    assert.deepEqual(admission(waiting, pool({ freeCells: 900 })), start(1));
  });

  test("running answers keep cells to grow into", () => {
    assert.equal(admission([request({ arrival: 1 })], pool({ running: 3, freeCells: 97 })), null);
    assert.deepEqual(admission([request({ arrival: 1 })], pool({ running: 3, freeCells: 98 })), start(1));
  });

  test("one that was swapped out needs all its cells again", () => {
    assert.deepEqual(admission([request({ arrival: 1, swapped: true, tokens: 80 })], pool({ freeCells: 80 })), start(1));
    assert.equal(admission([request({ arrival: 1, swapped: true, tokens: 80 })], pool({ freeCells: 79, running: 1 })), null);
  });
});

describe("what is shared", () => {
  const coming = { sequence: 3, length: 40, ready: 10, coming: true };

  test("what another request is just computing is worth waiting for, and others pass meanwhile", () => {
    const waiting = [request({ arrival: 1, match: coming }), request({ arrival: 2 })];
    assert.deepEqual(admission(waiting, pool({ running: 1 })), start(2));
    assert.equal(admission(waiting.slice(0, 1), pool({ running: 1 })), null);
  });

  test("not what comes from one that does not move, nor the last few tokens", () => {
    const from = { sequence: 3, length: 10, take: false };
    assert.deepEqual(admission([request({ arrival: 1, match: { ...coming, coming: false } })], pool({ running: 1 })), start(1, from));
    assert.deepEqual(admission([request({ arrival: 1, match: { ...coming, length: 20 } })], pool({ running: 1 })), start(1, from));
  });

  test("a sequence that ends there is gone on with; one that holds more is copied", () => {
    const match = { sequence: 3, length: 49, ready: 49, coming: false };
    const cached = (tokens: number) => pool({ cached: [left({ sequence: 3, tokens })] });
    assert.deepEqual(admission([request({ arrival: 1, match })], cached(49)), start(1, { sequence: 3, length: 49, take: true }));
    assert.deepEqual(admission([request({ arrival: 1, match })], cached(50)), start(1, { sequence: 3, length: 49, take: true }));
    assert.deepEqual(admission([request({ arrival: 1, match })], cached(51)), start(1, { sequence: 3, length: 49, take: false }));
  });

  test("shared cells are not needed again", () => {
    const match = { sequence: 3, length: 49, ready: 49, coming: false };
    assert.deepEqual(admission([request({ arrival: 1, match })], pool({ running: 1, freeCells: 17 })), start(1, { sequence: 3, length: 49, take: false }));
  });
});

describe("what goes", () => {
  test("the longest unused first, never what the request begins like", () => {
    const cached = [left({ sequence: 1 }), left({ sequence: 2 }), left({ sequence: 0 })];
    const full = { freeCells: 0, reclaimableCells: 300, cached };
    assert.deepEqual(admission([request({ arrival: 1 })], pool(full)), { kind: "evict", sequence: 0 });
    const match = { sequence: 0, length: 20, ready: 20, coming: false };
    assert.deepEqual(admission([request({ arrival: 1, match })], pool(full)), { kind: "evict", sequence: 1 });
  });

  test("nothing where it would not help", () => {
    assert.equal(admission([request({ arrival: 1, tokens: 500 })], pool({ running: 1, freeCells: 0, reclaimableCells: 100, cached: [left({ sequence: 1 })] })), null);
  });

  test("where nothing else can go, the request goes on in what it begins like", () => {
    const match = { sequence: 1, length: 20, ready: 20, coming: false };
    const cached = [left({ sequence: 1 })];
    assert.deepEqual(admission([request({ arrival: 1, match })], pool({ freeCells: 0, reclaimableCells: 100, cached })), start(1, { sequence: 1, length: 20, take: true }));
    assert.deepEqual(admission([request({ arrival: 1, match })], pool({ freeSequences: 0, cached })), start(1, { sequence: 1, length: 20, take: true }));
  });

  test("in the layout per_sequence only sequence ids count", () => {
    const state = { layout: "per_sequence", freeCells: 0, cached: [left({ sequence: 1 })] } as const;
    assert.deepEqual(admission([request({ arrival: 1 })], pool(state)), start(1));
    assert.deepEqual(admission([request({ arrival: 1 })], pool({ ...state, freeSequences: 0 })), { kind: "evict", sequence: 1 });
  });
});

interface Ask {
  readonly family: number;
  readonly common: number;
  readonly own: number;
  readonly answer: number;
  readonly priority: number;
  readonly arrivesAt: number;
}

interface Job extends Ask {
  readonly arrival: number;
  readonly prompt: readonly number[];
  /** Tokens in the cache, and in all. */
  cached: number;
  length: number;
  sequence: number | null;
  swapped: boolean;
}

/** Steps of a host that computes `chunk` prompt tokens a step, until everybody is done. Returns when each answer ended. */
function simulate(asks: readonly Ask[], { cells, parallel, sequences, layout }: { cells: number; parallel: number; sequences: number; layout: "unified" | "per_sequence" }): number[] {
  const [ledger, tree] = [new CellLedger({ cells, sequences, layout }), new PrefixTree()];
  const free = Array.from({ length: sequences }, (_, sequence) => sequence);
  const cached = new Map<number, number>();
  const jobs = asks.map((ask, arrival): Job => {
    const prompt = Array.from({ length: ask.common + ask.own }, (_, i) => (i < ask.common ? ask.family : 100 + arrival));
    return { ...ask, arrival, prompt, cached: 0, length: prompt.length, sequence: null, swapped: false };
  });
  const ended = jobs.map(() => -1);
  const drop = (sequence: number): void => {
    tree.remove(sequence);
    ledger.truncate(sequence, 0);
    cached.delete(sequence);
    free.push(sequence);
  };
  const running = (): Job[] => jobs.filter((it) => it.sequence !== null);
  const chunk = 16;

  for (let step = 0; ended.includes(-1); step += 1) {
    assert.ok(step < 20_000, "somebody starves");
    const waiting = jobs.filter((it) => it.arrivesAt <= step && it.sequence === null && ended[it.arrival] === -1);
    for (;;) {
      const states = waiting.filter((it) => it.sequence === null).map((it): WaitingState => {
        const found = it.swapped ? null : tree.longest(it.prompt, "");
        const length = Math.min(found?.length ?? 0, it.prompt.length - 1);
        const best = found?.sequences.toSorted((a, b) => ledger.lengthOf(b) - ledger.lengthOf(a))[0];
        const match = best === undefined || length === 0 ? null : { sequence: best, length, ready: Math.min(length, ledger.lengthOf(best)), coming: !cached.has(best) };
        return { arrival: it.arrival, priority: it.priority, tokens: it.swapped ? it.cached : it.prompt.length, swapped: it.swapped, match };
      });
      const inUse = running().map((it) => it.sequence!);
      const decision = admission(states, {
        running: inUse.length, parallel, layout, freeCells: ledger.free, freeSequences: free.length, reclaimableCells: ledger.used - ledger.heldBy(inUse),
        cached: [...cached].map(([sequence, used]) => ({ sequence, used, tokens: ledger.lengthOf(sequence) })),
      });
      if (decision === null) break;
      if (decision.kind === "evict") {
        drop(decision.sequence);
        continue;
      }
      const job = jobs[decision.arrival]!;
      const { from } = decision;
      const sequence = from?.take === true ? from.sequence : free.pop();
      assert.ok(sequence !== undefined, "an id is free");
      if (from?.take === true) {
        tree.remove(sequence);
        cached.delete(sequence);
        ledger.truncate(sequence, from.length);
      } else if (from) ledger.share(from.sequence, sequence, from.length);
      if (job.swapped) ledger.append(sequence, job.cached);
      else job.cached = from?.length ?? 0;
      job.swapped = false;
      job.sequence = sequence;
      tree.insert(sequence, job.prompt, "");
    }
    assert.ok(running().length > 0 || waiting.length === 0, "the policy leaves somebody waiting who could start");

    const counts = (): Map<Job, number> => new Map(running().map((it) => [it, Math.min(chunk, it.length - it.cached)]));
    let plan = counts();
    for (;;) {
      const needed = [...plan.values()].reduce((sum, count) => sum + count, 0);
      if (layout === "per_sequence" || needed <= ledger.free) break;
      const [oldest] = [...cached].sort((a, b) => a[1] - b[1]);
      if (oldest) {
        drop(oldest[0]);
        continue;
      }
      const chosen = victim(running().map((it) => ({ sequence: it.sequence!, arrival: it.arrival, priority: it.priority, paused: false })));
      const job = jobs.find((it) => it.sequence === chosen && chosen !== null);
      assert.ok(job, "the last one has room");
      drop(job.sequence!);
      job.sequence = null;
      job.swapped = true;
      plan = counts();
    }
    for (const [job, count] of plan) {
      ledger.append(job.sequence!, count);
      job.cached += count;
      if (job.cached < job.length) continue;
      if (job.length === job.prompt.length + job.answer) {
        ended[job.arrival] = step;
        cached.set(job.sequence!, step);
        job.sequence = null;
      } else job.length += 1;
    }
  }
  for (const sequence of [...cached.keys()]) drop(sequence);
  assert.equal(ledger.used, 0);
  return ended;
}

const ask = fc.record<Ask>({
  family: fc.nat(2), common: fc.nat(40), own: fc.integer({ min: 1, max: 40 }), answer: fc.nat(30), priority: fc.integer({ min: 0, max: 1 }), arrivesAt: fc.nat(200),
});
const shape = fc.record({
  cells: fc.integer({ min: 110, max: 400 }), parallel: fc.integer({ min: 1, max: 6 }), spare: fc.nat(4), layout: fc.constantFrom("unified" as const, "per_sequence" as const),
}).map(({ cells, parallel, spare, layout }) => (
  { parallel, layout, sequences: parallel + spare, cells: layout === "unified" ? cells : 110 * (parallel + spare) }));

test("everybody finishes, whatever comes when, and no cell is lost", () => {
  fc.assert(fc.property(fc.array(ask, { minLength: 1, maxLength: 20 }), shape, (asks, how) => {
    simulate(asks, how);
  }), { numRuns: 300 });
});

test("a big request is not passed for ever by small ones that keep coming", () => {
  const small = Array.from({ length: 300 }, (_, i): Ask => ({ family: 0, common: 0, own: 20, answer: 20, priority: 0, arrivesAt: i }));
  const big: Ask = { family: 1, common: 0, own: 150, answer: 5, priority: 0, arrivesAt: 30 };
  const ended = simulate([...small.slice(0, 31), big, ...small.slice(31)], { cells: 160, parallel: 4, sequences: 8, layout: "unified" });
  assert.ok(ended[31]! < ended[40]!, "younger ones go on after it");
});

test("of sixteen requests with one beginning, all but the first start from it", () => {
  const asks = Array.from({ length: 16 }, (): Ask => ({ family: 1, common: 512, own: 4, answer: 4, priority: 0, arrivesAt: 0 }));
  const ended = simulate(asks, { cells: 2000, parallel: 16, sequences: 32, layout: "unified" });
  // 516 tokens in chunks of 16, then the others' four; each alone would take as long as the first.
  assert.ok(Math.max(...ended) <= 33 + 2 + 5 + 5, `${Math.max(...ended)} steps`);
});

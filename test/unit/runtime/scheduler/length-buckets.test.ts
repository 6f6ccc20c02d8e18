import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { lengthBuckets, mostPadding, type Situation, type WaitingItem } from "../../../../runtime/scheduler/length-buckets.ts";

const item = (it: Partial<WaitingItem> & { length: number }): WaitingItem => ({ arrivalUs: 0, sinceUs: it.arrivalUs ?? 0, request: "a", alone: false, ...it });
const limits = { items: 4, padded: 1000 };
const now = (it: Partial<Situation> = {}): Situation => ({ nowUs: 0, waitUs: 2000, company: 1, ...it });
const lengthsOf = (decision: ReturnType<typeof lengthBuckets>): number[] | null => (decision?.kind === "run" ? decision.items.map(({ length }) => length) : null);

describe("a lone request", () => {
  test("runs at once, because nobody else was there before", () => {
    assert.deepEqual(lengthsOf(lengthBuckets([item({ length: 7 })], limits, now())), [7]);
  });

  test("waits for those who were there a moment ago, but not beyond the bound", () => {
    const waiting = [item({ length: 7, arrivalUs: 500 })];
    assert.deepEqual(lengthBuckets(waiting, limits, now({ nowUs: 600, company: 3 })), { kind: "wait", untilUs: 2500 });
    assert.deepEqual(lengthsOf(lengthBuckets(waiting, limits, now({ nowUs: 2500, company: 3 }))), [7]);
  });

  test("whose first items ran already waits for nobody", () => {
    assert.deepEqual(lengthsOf(lengthBuckets([item({ length: 7, sinceUs: 100 })], limits, now({ nowUs: 100, company: 3 }))), [7]);
  });

  test("waits for nobody when it fills a run itself", () => {
    const waiting = [7, 7, 7, 7, 7].map((length) => item({ length }));
    assert.deepEqual(lengthsOf(lengthBuckets(waiting, limits, now({ company: 3 }))), [7, 7, 7, 7]);
    assert.deepEqual(lengthsOf(lengthBuckets([item({ length: 1200 })], limits, now({ company: 3 }))), [1200]);
  });
});

test("items of similar length share a run, the rest has the next", () => {
  const waiting = [100, 10, 98, 10, 300].map((length, index) => item({ length, request: `${index}` }));
  assert.deepEqual(lengthsOf(lengthBuckets(waiting, limits, now())), [100, 98]);
  assert.deepEqual(lengthsOf(lengthBuckets(waiting.slice(1), limits, now())), [10, 10]);
  assert.deepEqual(lengthsOf(lengthBuckets(waiting.slice(1), { ...limits, padding: 0.7 }, now())), [10, 10, 98], "an engine to which padding is cheap");
});

test("one that failed with others runs alone, and they without it", () => {
  const suspect = item({ length: 5, alone: true, sinceUs: 1 });
  const others = [2, 3].map((sinceUs) => item({ length: 5, sinceUs }));
  assert.deepEqual(lengthBuckets([...others, suspect], limits, now()), { kind: "run", items: [suspect] });
  assert.deepEqual(lengthBuckets([...others, { ...suspect, sinceUs: 9 }], limits, now()), { kind: "run", items: others });
});

test("nothing waiting is nothing to do", () => {
  assert.equal(lengthBuckets([], limits, now()), null);
});

const items = fc.array(fc.record({
  length: fc.oneof(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 1, max: 512 })),
  arrivalUs: fc.nat(5000), sinceUs: fc.nat(9000), request: fc.constantFrom("a", "b", "c", "d"), alone: fc.boolean(),
}), { minLength: 1, maxLength: 60 });
const anyLimits = fc.record({ items: fc.integer({ min: 1, max: 40 }), padded: fc.integer({ min: 1, max: 4096 }), padding: fc.constantFrom(undefined, 0, 0.3) });

test("a run keeps the limits and the share of padding, and has the one that is passed over longest", () => {
  fc.assert(fc.property(items, anyLimits, (waiting, limits) => {
    const decision = lengthBuckets(waiting, limits, now({ nowUs: 10_000 }));
    assert.ok(decision?.kind === "run", "the bound is over");
    const batch = decision.items;
    assert.equal(new Set(batch).size, batch.length);
    assert.ok(batch.every((one) => waiting.includes(one)));
    assert.equal(Math.min(...batch.map(({ sinceUs }) => sinceUs)), Math.min(...waiting.map(({ sinceUs }) => sinceUs)));
    if (batch.length === 1) return;
    assert.ok(batch.every(({ alone }) => !alone));
    const padded = batch.length * Math.max(...batch.map(({ length }) => length));
    const real = batch.reduce((sum, { length }) => sum + length, 0);
    assert.ok(batch.length <= limits.items && padded <= limits.padded && padded - real <= (limits.padding ?? mostPadding) * padded + 1e-9);
  }));
});

test("it waits only before the bound, and never when a run can be filled", () => {
  fc.assert(fc.property(items, anyLimits, fc.nat(8000), fc.integer({ min: 1, max: 6 }), (waiting, limits, nowUs, company) => {
    const decision = lengthBuckets(waiting, limits, now({ nowUs, company }));
    if (decision?.kind !== "wait") return;
    assert.equal(decision.untilUs, Math.min(...waiting.map(({ arrivalUs }) => arrivalUs)) + 2000);
    assert.ok(nowUs < decision.untilUs && waiting.length < limits.items && new Set(waiting.map(({ request }) => request)).size < company);
  }));
});

/** Requests of any sizes that come at any time, each run taking as long as it likes. */
const arrivals = fc.array(fc.record({ atUs: fc.nat(50_000), lengths: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 40 }) }), { minLength: 1, maxLength: 8 });

test("in any schedule everything runs once, and no request waits longer than the bound and a run of each other", () => {
  fc.assert(fc.property(arrivals, anyLimits, fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }), (requests, limits, runUs) => {
    const bound = 2000;
    const open = requests.map(({ atUs, lengths }, index) => ({
      atUs, sinceUs: atUs, request: `${index}`, left: lengths.map((length) => ({ length })),
    }));
    let nowUs = 0;
    let runs = 0;
    let company = 1;
    while (open.some(({ left }) => left.length > 0)) {
      const here = open.filter(({ atUs, left }) => atUs <= nowUs && left.length > 0);
      const waiting = here.flatMap((each) => each.left.map((entry) => ({ ...item({ length: entry.length, arrivalUs: each.atUs, sinceUs: each.sinceUs, request: each.request }), each, entry })));
      const decision = lengthBuckets(waiting, limits, now({ nowUs, company }));
      if (decision?.kind !== "run") {
        const next = Math.min(...open.flatMap(({ atUs, left }) => (left.length > 0 && atUs > nowUs ? [atUs] : [])));
        nowUs = Math.min(next, decision?.untilUs ?? Infinity);
        continue;
      }
      company = here.length;
      for (const each of here) {
        const overtaken = runs > 0 && nowUs - each.sinceUs > bound + 20_000 * requests.length;
        assert.ok(!overtaken, `request ${each.request} was passed over for ${nowUs - each.sinceUs} us`);
      }
      nowUs += runUs[runs % runUs.length]!;
      runs += 1;
      for (const { each, entry } of decision.items) {
        each.left.splice(each.left.indexOf(entry), 1);
        each.sinceUs = nowUs;
      }
    }
    assert.ok(runs <= requests.reduce((sum, { lengths }) => sum + lengths.length, 0));
  }));
});

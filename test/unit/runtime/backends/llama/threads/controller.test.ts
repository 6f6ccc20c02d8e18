import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { VirtualClock } from "../../../../../../base/clock.ts";
import { AdaptiveThreads, fixedThreads, Pools, type PoolLibrary } from "../../../../../../runtime/backends/llama/threads/controller.ts";
import { LearnedThreads } from "../../../../../../runtime/backends/llama/threads/learned.ts";
import { ThreadPolicy } from "../../../../../../runtime/backends/llama/threads/policy.ts";
import { BusyCores } from "../../../../../../runtime/machine/busy-cores.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-controller-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What llama.cpp is told. */
function recording() {
  const calls: string[] = [];
  const library: PoolLibrary = {
    binding: {
      llama_attach_threadpool: (_, pool, batch) => void calls.push(`attach ${Number(pool)} ${Number(batch)}`),
      llama_set_n_threads: (_, threads, batch) => void calls.push(`threads ${threads} ${batch}`),
    },
    threadpool: (threads) => {
      calls.push(`make ${threads}`);
      return { pointer: BigInt(threads), release: () => void calls.push(`release ${threads}`) };
    },
  };
  return { calls, pools: new Pools(library, 77n) };
}

suite("pools", () => {
  test("one of each size, attached for single tokens and for prompts, and kept until the end", () => {
    const { calls, pools } = recording();
    for (const count of [2, 2, 1, 2]) pools.use(count);
    assert.deepEqual(calls, ["make 2", "attach 2 2", "threads 2 2", "make 1", "attach 1 1", "threads 1 1", "attach 2 2", "threads 2 2"]);
    pools.dispose();
    assert.deepEqual(calls.slice(-2), ["release 2", "release 1"]);
  });
});

suite("a context that is made anew", () => {
  test("gets the threads that the one before had", () => {
    const { calls, pools } = recording();
    pools.use(2);
    const before = calls.length;
    pools.moveTo(78n);
    pools.use(2);
    assert.deepEqual(calls.slice(before), ["attach 2 2", "threads 2 2"]);
    assert.deepEqual([pools.pointer(2), pools.pointer(3)], [2n, null]);
  });
});

suite("threads of a context", () => {
  test("a step aside has the best count known, and nothing is learned from it", () => {
    const { pools } = recording();
    const clock = new VirtualClock();
    const learned = new LearnedThreads(join(folder, "aside.json"), "here");
    const busy = new BusyCores({ busyMs: () => 0, ownMs: () => 0, nowMs: () => 0 });
    const policy = new ThreadPolicy({ cores: 4 });
    policy.setOthers(0);
    const threads = new AdaptiveThreads({ pools, policy, busy, learned, clock, cpuUs: () => clock.nowUs() * 4 });
    for (let step = 0; step < 40; step += 1) threads.around(1, () => clock.advance(12_000 / pools.count));
    const known = policy.learned();
    for (let step = 0; step < 40; step += 1) assert.equal(threads.aside(1, () => (clock.advance(90_000), pools.count)), 4);
    assert.deepEqual(policy.learned(), known);
    threads.dispose();
  });

  test("as configured: never changed", () => {
    const { calls, pools } = recording();
    const threads = fixedThreads(pools, 3);
    assert.equal(threads.around(1, () => "result"), "result");
    assert.deepEqual([threads.count, calls.length], [3, 3]);
    threads.dispose();
  });

  test("as measured: every count is tried, the fastest stays and is written down", () => {
    const { pools } = recording();
    const clock = new VirtualClock();
    const learned = new LearnedThreads(join(folder, "threads.json"), "here");
    const busy = new BusyCores({ busyMs: () => 0, ownMs: () => 0, nowMs: () => 0 });
    const policy = new ThreadPolicy({ cores: 4 });
    policy.setOthers(0);
    const threads = new AdaptiveThreads({ pools, policy, busy, learned, clock, cpuUs: () => clock.nowUs() * 4 });
    const used = new Set<number>();
    for (let step = 0; step < 40; step += 1) {
      threads.around(1, () => clock.advance(12_000 / pools.count));
      used.add(threads.count);
    }
    threads.dispose();
    assert.deepEqual(used, new Set([3, 4, 2]));
    assert.equal(threads.count, 4);
    assert.deepEqual(learned.read(), new Map([[0, 4]]));
  });

  test("a step that fails is not measured", () => {
    const { pools } = recording();
    const threads = new AdaptiveThreads({
      pools, policy: new ThreadPolicy({ cores: 2 }), busy: new BusyCores({ busyMs: () => 0, ownMs: () => 0, nowMs: () => 0 }),
      learned: new LearnedThreads(join(folder, "none.json"), "here"), clock: new VirtualClock(), cpuUs: () => 0,
    });
    assert.throws(() => threads.around(1, () => { throw new Error("no"); }), /no/);
    threads.dispose();
  });
});

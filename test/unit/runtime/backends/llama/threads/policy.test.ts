import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { laneOf, ThreadPolicy } from "../../../../../../runtime/backends/llama/threads/policy.ts";

/** A machine whose steps take as long as ggml's would: threads that have a core share the work, one that has none stops all others. */
class Simulation {
  readonly policy: ThreadPolicy;
  readonly cores: number;
  nowUs = 0;
  others = 0;
  /** The others have been noticed only up to here: the machine is looked at four times a second. */
  #lookedUs = 0;
  readonly steps: { readonly threads: number; readonly wallUs: number }[] = [];
  /** Duration of a step of one token with one thread. */
  readonly workUs: number;
  /** Part of the work that more threads do not make faster. */
  readonly serial: number;

  constructor(cores: number, { workUs = 10_000, serial = 0.1, learned }: { workUs?: number; serial?: number; learned?: Map<number, number> } = {}) {
    this.policy = new ThreadPolicy({ cores, learned });
    this.cores = cores;
    this.workUs = workUs;
    this.serial = serial;
    this.policy.setOthers(0);
  }

  step(tokens = 1): void {
    if (this.nowUs - this.#lookedUs >= 250_000) {
      this.#lookedUs = this.nowUs;
      this.policy.setOthers(this.others);
    }
    const threads = this.policy.threadsFor(tokens, this.nowUs);
    const free = Math.max(1, this.cores - this.others);
    const plain = tokens * this.workUs * (this.serial + (1 - this.serial) / threads);
    const crowded = threads > free;
    const wallUs = crowded ? 20 * plain : plain;
    const cpuUs = crowded ? wallUs * Math.min(threads, free) : wallUs * threads;
    this.nowUs += wallUs;
    this.steps.push({ threads, wallUs });
    this.policy.observe({ tokens, threads, wallUs, cpuUs }, this.nowUs);
  }

  run(count: number, tokens = 1): void {
    for (let index = 0; index < count; index += 1) this.step(tokens);
  }

  get last(): number {
    return this.steps.at(-1)?.threads ?? 0;
  }
}

suite("threads of a quiet machine", () => {
  test("begin with one core left over, and all counts are tried within the first steps", () => {
    const machine = new Simulation(8);
    machine.run(12);
    assert.equal(machine.steps[0]?.threads, 7);
    assert.deepEqual(new Set(machine.steps.map(({ threads }) => threads)), new Set([7, 8, 4]));
    machine.run(1);
    assert.equal(machine.last, 8, "the fastest");
  });

  test("more threads that gain next to nothing are not taken", () => {
    const machine = new Simulation(8, { serial: 0.99 });
    machine.run(20);
    assert.equal(machine.last, 4);
  });

  test("prompts are measured apart from single tokens: first with all cores, with fewer only after many", () => {
    const machine = new Simulation(4, { workUs: 1000 });
    machine.run(50, 512);
    assert.ok(machine.steps.every(({ threads }) => threads === 4));
    assert.equal(machine.policy.learned().size, 0, "nothing was compared yet");
    machine.run(50, 512);
    assert.deepEqual([2, 3].map((count) => machine.steps.filter(({ threads }) => threads === count).length), [2, 2]);
    assert.deepEqual([...machine.policy.learned()], [[laneOf(512), 4]]);
  });

  test("what an earlier run found is used from the first step, and checked later", () => {
    const machine = new Simulation(8, { learned: new Map([[0, 4]]) });
    machine.run(100);
    assert.ok(machine.steps.every(({ threads }) => threads === 4));
    machine.run(5000);
    assert.equal(machine.last, 8, "the file may be wrong");
  });

  test("a count from another machine is not taken over", () => {
    const machine = new Simulation(2, { learned: new Map([[0, 64]]) });
    machine.run(1);
    assert.equal(machine.last, 1);
  });

  test("measuring anew costs less than one step in fifty", () => {
    const machine = new Simulation(8, { workUs: 100_000 });
    machine.run(12);
    machine.run(3000);
    const others = machine.steps.slice(12).filter(({ threads }) => threads !== 8).length;
    assert.ok(others > 0 && others < 3000 / 50, `${others} of 3000 steps`);
  });
});

suite("threads of a busy machine", () => {
  test("one neighbour is assumed until the machine has been looked at", () => {
    const policy = new ThreadPolicy({ cores: 2, learned: new Map([[0, 2]]) });
    assert.equal(policy.threadsFor(1, 0), 1);
    policy.setOthers(0.2);
    assert.equal(policy.threadsFor(1, 0), 2);
  });

  test("step down after one step that did not get its processors, and up again when they are free", () => {
    const machine = new Simulation(4);
    machine.run(40);
    assert.equal(machine.last, 4);
    machine.others = 1;
    machine.step();
    machine.step();
    assert.equal(machine.last, 3);
    machine.run(500);
    assert.equal(machine.last, 3, "as long as the others run");
    machine.others = 0;
    machine.run(5000);
    assert.equal(machine.last, 4);
  });

  test("a neighbour that comes and goes is met with longer and longer caution", () => {
    const machine = new Simulation(2, { workUs: 1000 });
    machine.run(40);
    let crowded = 0;
    for (let index = 0; index < 20_000; index += 1) {
      // Too short for the look at the machine, four times a second, to see it.
      machine.others = index % 500 < 20 ? 1 : 0;
      machine.step();
      if (machine.last > 2 - machine.others) crowded += 1;
    }
    assert.ok(crowded <= 20, `${crowded} crowded steps in 40 visits`);
  });

  test("a hiccup of one step costs a few steps with a thread less, not half a second of them", () => {
    const machine = new Simulation(2);
    machine.run(40);
    const usual = machine.steps.at(-1)?.wallUs ?? 0;
    machine.policy.observe({ tokens: 1, threads: 2, wallUs: 2.1 * usual, cpuUs: 2.5 * usual }, machine.nowUs);
    machine.step();
    assert.equal(machine.last, 1);
    machine.run(12);
    assert.equal(machine.last, 2);
  });

  test("property: never more threads than cores, never above the known free ones, always at least one", () => {
    const event = fc.record({
      tokens: fc.integer({ min: 1, max: 2000 }), others: fc.double({ min: 0, max: 200, noNaN: true }),
      wallUs: fc.integer({ min: 1, max: 5_000_000 }), share: fc.double({ min: 0, max: 1.2, noNaN: true }),
    });
    fc.assert(fc.property(fc.integer({ min: 1, max: 128 }), fc.array(event, { maxLength: 200 }), (cores, events) => {
      const policy = new ThreadPolicy({ cores });
      let nowUs = 0;
      for (const { tokens, others, wallUs, share } of events) {
        policy.setOthers(others);
        const threads = policy.threadsFor(tokens, nowUs);
        assert.ok(policy.levels.includes(threads), `${threads} has no pool`);
        assert.ok(threads >= 1 && threads <= Math.max(1, cores - others + 0.35), `${threads} threads with ${others} of ${cores} cores busy`);
        nowUs += wallUs;
        policy.observe({ tokens, threads, wallUs, cpuUs: wallUs * threads * share }, nowUs);
      }
      for (const count of policy.learned().values()) assert.ok(count >= 1 && count <= cores);
    }));
  });

  test("property: with any neighbour that stays, all but a few steps get their cores", () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 32 }), fc.double({ min: 0.1, max: 1, noNaN: true }), (cores, part) => {
      const machine = new Simulation(cores);
      machine.run(40);
      machine.others = Math.ceil(part * cores);
      machine.run(2000);
      const crowded = machine.steps.slice(40).filter(({ threads }) => threads > Math.max(1, cores - machine.others)).length;
      assert.ok(crowded <= 6, `${crowded} crowded steps`);
    }));
  });
});

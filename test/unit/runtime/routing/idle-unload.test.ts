import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../../base/clock.ts";
import { IdleUnload } from "../../../../runtime/routing/idle-unload.ts";

/** A model on a virtual clock: time passes in steps, and sleeps end when their time has come. */
function idleModel(ttlMs: number) {
  const clock = new VirtualClock();
  let sleeping: { untilUs: number; wake: () => void }[] = [];
  const state = { busy: false, unloads: [] as number[], sleeps: [] as number[], errors: [] as unknown[], fails: false };
  const idle = new IdleUnload({
    ttlMs, clock,
    sleep: (ms) => new Promise((wake) => {
      state.sleeps.push(ms);
      sleeping.push({ untilUs: clock.nowUs() + ms * 1000, wake });
    }),
    isBusy: () => state.busy,
    unload: async () => {
      if (state.fails) throw new Error("it does not end");
      state.unloads.push(clock.nowUs() / 1000);
    },
    onError: (error) => state.errors.push(error),
  });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms * 1000);
    const due = sleeping.filter(({ untilUs }) => untilUs <= clock.nowUs());
    sleeping = sleeping.filter(({ untilUs }) => untilUs > clock.nowUs());
    for (const { wake } of due) wake();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { idle, state, pass, waiting: () => sleeping.length };
}

describe("idle unload", () => {
  it("unloads after the time without use, and once", async () => {
    const { idle, state, pass } = idleModel(1000);
    idle.used();
    await pass(999);
    assert.deepEqual(state.unloads, []);
    await pass(1);
    await pass(5000);
    assert.deepEqual(state.unloads, [1000]);
  });

  it("counts from the last use", async () => {
    const { idle, state, pass } = idleModel(1000);
    idle.used();
    await pass(800);
    idle.used();
    await pass(200);
    assert.deepEqual(state.unloads, []);
    await pass(800);
    assert.deepEqual(state.unloads, [1800]);
  });

  it("leaves a model alone that works when the time is over, and begins anew at the end of the work", async () => {
    const { idle, state, pass } = idleModel(1000);
    idle.used();
    state.busy = true;
    await pass(2000);
    assert.deepEqual(state.unloads, []);
    state.busy = false;
    idle.used();
    await pass(1000);
    assert.deepEqual(state.unloads, [3000]);
  });

  it("says when unloading fails, and tries again after the next use", async () => {
    const { idle, state, pass } = idleModel(1000);
    state.fails = true;
    idle.used();
    await pass(1000);
    assert.match(String(state.errors), /it does not end/);
    state.fails = false;
    idle.used();
    await pass(1000);
    assert.deepEqual([state.unloads, state.errors.length], [[2000], 1]);
  });

  it("sleeps no longer than a timer can", async () => {
    const { idle, state } = idleModel(31_536_000_000);
    idle.used();
    assert.deepEqual(state.sleeps, [2 ** 31 - 1]);
    await Promise.resolve();
  });

  it("never unloads a busy model or one used less than the time ago, and keeps one timer, whatever happens", () =>
    fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.constantFrom("begin", "end", "nothing"))), async (events) => {
      const { idle, state, pass, waiting } = idleModel(1000);
      let lastUseMs = 0;
      let nowMs = 0;
      idle.used();
      for (const [ms, event] of events) {
        const before = state.unloads.length;
        const wasBusy = state.busy;
        nowMs += ms;
        await pass(ms);
        if (state.unloads.length > before) assert.ok(!wasBusy && nowMs - lastUseMs >= 1000);
        assert.ok(waiting() <= 1);
        if (event === "begin") state.busy = true;
        if (event === "end" && state.busy) {
          state.busy = false;
          lastUseMs = nowMs;
          idle.used();
        }
      }
    })));
});

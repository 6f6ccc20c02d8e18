import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../../base/clock.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import { RequestQueue } from "../../../../runtime/queue/queue.ts";

const queueOf = (places: number, limit: number, clock = new VirtualClock()) => new RequestQueue({ model: "m", places, limit, clock });
const forever = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

it("lets in as many as there are places, then the oldest first", async () => {
  const queue = queueOf(2, 10);
  const order: string[] = [];
  const releases: (() => void)[] = [];
  for (const id of ["a", "b", "c", "d"]) {
    void queue.enter({ id, priority: 0 }, forever).then((release) => {
      order.push(id);
      releases.push(release);
    });
  }
  await settled();
  assert.deepEqual([order, queue.running, queue.queued], [["a", "b"], 2, 2]);
  releases[1]!();
  releases[1]!(); // Given back twice, it is one place all the same.
  await settled();
  assert.deepEqual([order, queue.running, queue.queued], [["a", "b", "c"], 2, 1]);
});

it("is full at its limit and says when to come again, from how long places were kept", async () => {
  const clock = new VirtualClock();
  const queue = queueOf(1, 2, clock);
  for (let round = 0; round < 40; round += 1) {
    const release = await queue.enter({ id: "x", priority: 0 }, forever);
    clock.advance(10e6);
    release();
  }
  await queue.enter({ id: "a", priority: 0 }, forever);
  void queue.enter({ id: "b", priority: 0 }, forever);
  void queue.enter({ id: "c", priority: 0 }, forever);
  await assert.rejects(queue.enter({ id: "d", priority: 0 }, forever), (error) => error instanceof InfernoError && error.code === "queue_full" && error.retryAfter === 30);
});

it("an entry that is cancelled leaves at once, with the signal's reason", async () => {
  const queue = queueOf(1, 10);
  const release = await queue.enter({ id: "a", priority: 0 }, forever);
  const abort = new AbortController();
  const waiting = queue.enter({ id: "b", priority: 0 }, abort.signal);
  const third = queue.enter({ id: "c", priority: 0 }, forever);
  const reason = new Error("gone");
  abort.abort(reason);
  assert.equal(queue.queued, 1);
  await assert.rejects(waiting, reason);
  release();
  await third;
  assert.equal(queue.running, 1);
  await assert.rejects(queue.enter({ id: "d", priority: 0 }, abort.signal), reason);
});

it("takes a policy: who is next is not its own business", async () => {
  const queue = new RequestQueue({ model: "m", places: 1, limit: 10, clock: new VirtualClock(), next: (waiting) => waiting.length - 1 });
  const release = await queue.enter({ id: "a", priority: 0 }, forever);
  const order: string[] = [];
  for (const id of ["b", "c"]) void queue.enter({ id, priority: 0 }, forever).then(() => order.push(id));
  release();
  await settled();
  assert.deepEqual(order, ["c"]);
});

it("never has more in work than places nor more waiting than its limit, and loses nobody", async () => {
  const action = fc.oneof(
    fc.constant("enter" as const), fc.constant("leave" as const), fc.constant("cancel" as const),
    fc.record({ resize: fc.integer({ min: 1, max: 4 }) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
    const queue = queueOf(2, 3);
    let places = 2;
    let refused = 0;
    let cancelled = 0;
    let entered = 0;
    let left = 0;
    const inside: (() => void)[] = [];
    const outside: AbortController[] = [];
    for (const step of actions) {
      if (step === "enter") {
        const abort = new AbortController();
        outside.push(abort);
        queue.enter({ id: "x", priority: 0 }, abort.signal).then(
          (release) => { entered += 1; inside.push(release); outside.splice(outside.indexOf(abort), 1); },
          (error: unknown) => { if (error instanceof InfernoError) refused += 1; else cancelled += 1; },
        );
      } else if (step === "leave") {
        const release = inside.shift();
        if (release !== undefined) left += 1;
        release?.();
      } else if (step === "cancel") {
        outside.pop()?.abort(new Error("gone"));
      } else {
        places = step.resize;
        queue.resize(places);
      }
      await settled();
      assert.ok(queue.queued <= 3);
      assert.equal(queue.running, entered - left);
      // A smaller size takes nobody's place away, but lets nobody else in.
      assert.ok(queue.queued === 0 || queue.running >= places);
    }
    const asked = actions.filter((step) => step === "enter").length;
    assert.equal(asked, entered + refused + cancelled + queue.queued);
  }), { numRuns: 60 });
});

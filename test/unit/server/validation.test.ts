import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toDisposable } from "../../../base/disposable.ts";
import type { Cancellation } from "../../../server/features/workspace.ts";
import type { Timer } from "../../../base/timer.ts";
import { ValidationQueue } from "../../../server/validation.ts";

/** A timer that fires when the test says so. */
class ManualTimer implements Timer {
  readonly #waiting = new Set<() => void>();

  after(_milliseconds: number, callback: () => void) {
    this.#waiting.add(callback);
    return toDisposable(() => this.#waiting.delete(callback));
  }

  fire(): void {
    for (const callback of [...this.#waiting]) {
      this.#waiting.delete(callback);
      callback();
    }
  }
}

suite("validation queue", () => {
  const setup = () => {
    const timer = new ManualTimer();
    const runs: { uri: string; cancellation: Cancellation; finish: (error?: Error) => void }[] = [];
    const errors: unknown[] = [];
    const queue = new ValidationQueue(timer, (uri, cancellation) => new Promise((resolve, reject) => {
      runs.push({ uri, cancellation, finish: (error) => (error === undefined ? resolve() : reject(error)) });
    }), (error) => errors.push(error));
    return { timer, runs, errors, queue };
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  test("many changes are one check, after the pause", () => {
    const { timer, runs, queue } = setup();
    for (let change = 0; change < 5; change += 1) queue.schedule("a");
    queue.schedule("b");
    assert.equal(runs.length, 0);
    timer.fire();
    assert.deepEqual(runs.map(({ uri }) => uri), ["a", "b"]);
  });

  test("a change cancels the check that is running, and its failure is no news then", async () => {
    const { timer, runs, errors, queue } = setup();
    queue.schedule("a");
    timer.fire();
    queue.schedule("a");
    assert.equal(runs[0]!.cancellation.isCancellationRequested, true);
    runs[0]!.finish(new Error("cancelled"));
    timer.fire();
    assert.equal(runs[1]!.cancellation.isCancellationRequested, false);
    await settled();
    assert.deepEqual(errors, []);
  });

  test("a failure is reported", async () => {
    const { timer, runs, errors, queue } = setup();
    queue.schedule("a");
    timer.fire();
    runs[0]!.finish(new Error("disk"));
    await settled();
    assert.deepEqual(errors, [new Error("disk")]);
  });

  test("closing and disposing end what waits and what runs", () => {
    const { timer, runs, queue } = setup();
    queue.schedule("a");
    queue.cancel("a");
    queue.schedule("b");
    timer.fire();
    queue.dispose();
    assert.deepEqual(runs.map(({ uri, cancellation }) => [uri, cancellation.isCancellationRequested]), [["b", true]]);
  });
});

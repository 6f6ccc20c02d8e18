import assert from "node:assert/strict";
import { test } from "node:test";
import { DisposableStore, toDisposable } from "../../../base/disposable.ts";

test("a disposable runs once", () => {
  let runs = 0;
  const item = toDisposable(() => runs++);
  item.dispose();
  item.dispose();
  assert.equal(runs, 1);
});

test("a store disposes newest first, and what comes late at once", () => {
  const order: string[] = [];
  const store = new DisposableStore();
  store.add(toDisposable(() => order.push("first")));
  store.add(toDisposable(() => order.push("second")));
  store.dispose();
  store.add(toDisposable(() => order.push("late")));
  assert.deepEqual(order, ["second", "first", "late"]);
});

test("one failing disposable does not keep the others alive", () => {
  let disposed = false;
  const store = new DisposableStore();
  store.add(toDisposable(() => { disposed = true; }));
  store.add({ dispose: () => { throw new Error("no"); } });
  assert.throws(() => store.dispose(), AggregateError);
  assert.equal(disposed, true);
});

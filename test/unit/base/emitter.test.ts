import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../../../base/emitter.ts";

test("listeners hear events in order until they are disposed", () => {
  const heard: string[] = [];
  const emitter = new Emitter<number>();
  const first = emitter.on((n) => heard.push(`a${n}`));
  emitter.on((n) => heard.push(`b${n}`));
  emitter.emit(1);
  first.dispose();
  emitter.emit(2);
  assert.deepEqual(heard, ["a1", "b1", "b2"]);
});

test("a listener that removes itself does not disturb the others", () => {
  const heard: string[] = [];
  const emitter = new Emitter<void>();
  const once = emitter.on(() => { heard.push("once"); once.dispose(); });
  emitter.on(() => heard.push("always"));
  emitter.emit();
  emitter.emit();
  assert.deepEqual(heard, ["once", "always", "always"]);
});

test("a listener that is added while an event is told hears the next one first", () => {
  const heard: number[] = [];
  const emitter = new Emitter<number>();
  const adding = emitter.on(() => {
    adding.dispose();
    emitter.on((n) => heard.push(n));
  });
  emitter.emit(1);
  emitter.emit(2);
  assert.deepEqual(heard, [2]);
});

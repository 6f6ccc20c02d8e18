import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import type { InfernoError } from "../../../../protocol/errors.ts";
import { InTurn } from "../../../../runtime/http/in-turn.ts";

/** A connection whose messages the test brings, and answers that wait until it lets them go. */
function connection() {
  const socket = Object.assign(new EventEmitter(), { paused: false, pause() { this.paused = true; }, resume() { this.paused = false; } });
  const answered: string[] = [];
  const errors: InfernoError[] = [];
  let release: (error?: Error) => void = () => undefined;
  new InTurn(socket as never, {
    pauseAt: { messages: 2, bytes: 100 }, most: { messages: 5, bytes: 1000 },
    answer: async (message) => {
      await new Promise<void>((resolve, reject) => { release = (error) => (error === undefined ? resolve() : reject(error)); });
      answered.push(message.toString());
    },
    fail: (error) => errors.push(error),
  });
  return {
    socket, answered, errors,
    bring: (...messages: string[]) => messages.forEach((each) => socket.emit("message", Buffer.from(each), true)),
    next: async (error?: Error) => { release(error); await setImmediate(); },
  };
}

test("messages are answered one after the other; while some wait, no more are read", async () => {
  const { socket, answered, errors, bring, next } = connection();
  bring("a", "b", "c");
  assert.equal(socket.paused, false);
  bring("d");
  assert.equal(socket.paused, true);
  await next();
  assert.deepEqual([answered, socket.paused], [["a"], false]);
  for (let index = 0; index < 3; index += 1) await next();
  assert.deepEqual([answered, errors], [["a", "b", "c", "d"], []]);
  bring("x".repeat(101), "y".repeat(101));
  assert.equal(socket.paused, true);
});

test("what one read brings beyond that is kept up to a bound, however small the messages are", async () => {
  const { socket, answered, errors, bring, next } = connection();
  bring("a", "b", "c", "d", "e", "f");
  assert.deepEqual(errors, []);
  bring("g", "h");
  assert.deepEqual(errors.map(({ code }) => code), ["queue_full"]);
  await next();
  // Nothing more is answered, but that the other side closes is still read.
  assert.deepEqual([answered, socket.paused], [["a"], false]);
});

test("after an error nothing is answered any more, and nothing of a connection that is closed", async () => {
  const { answered, errors, bring, next } = connection();
  bring("a", "b");
  await next(new Error("no"));
  await next();
  assert.deepEqual([answered, errors.map(({ code }) => code)], [[], ["internal"]]);
  const other = connection();
  other.bring("a", "b");
  other.socket.emit("close");
  await other.next(new Error("cancelled"));
  await other.next();
  assert.deepEqual([other.answered, other.errors], [[], []]);
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import { Deadline } from "../../../../runtime/routing/deadline.ts";

const never = new AbortController().signal;

test("ends the wait when the time is over", async () => {
  const { signal } = new Deadline(5, never);
  await once(signal, "abort");
  assert.ok(signal.reason instanceof InfernoError);
  assert.equal(signal.reason.code, "deadline_exceeded");
  assert.equal(signal.reason.param, "timeout_ms");
});

test("a client that leaves comes first, with its own reason", () => {
  const client = new AbortController();
  const deadline = new Deadline(1_000_000, client.signal);
  client.abort("left");
  assert.equal(deadline.signal.reason, "left");
  deadline.dispose();
});

test("what is left is less than all and more than nothing; no limit stays none", () => {
  const deadline = new Deadline(1_000_000, never);
  const left = deadline.leftMs() ?? 0;
  assert.ok(left > 0 && left <= 1_000_000);
  deadline.dispose();
  assert.equal(new Deadline(null, never).leftMs(), null);
  assert.equal(new Deadline(null, never).signal, never);
});

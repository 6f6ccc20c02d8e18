import assert from "node:assert/strict";
import { test } from "node:test";
import { BurstStart } from "../../../../runtime/host/burst.ts";

test("the first step waits for a fiftieth of what the prompts will take, longer as more arrive, and never for long", () => {
  const burst = new BurstStart();
  assert.equal(burst.waitUs(500_000), 10_000);
  assert.equal(burst.waitUs(800_000), 6000, "a second prompt came in the meantime");
  assert.equal(burst.waitUs(800_000), 0, "nobody else came");
  assert.equal(new BurstStart().waitUs(1e9), 50_000);
});

test("prompts that take no time, or nobody knows how long, do not wait", () => {
  assert.equal(new BurstStart().waitUs(0), 0);
});

test("only the first step after a pause waits", () => {
  const burst = new BurstStart();
  burst.waitUs(500_000);
  burst.turned(1);
  assert.equal(burst.waitUs(900_000), 0);
  burst.turned(0);
  assert.equal(burst.waitUs(500_000), 10_000);
});

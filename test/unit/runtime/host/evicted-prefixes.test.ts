import assert from "node:assert/strict";
import { test } from "node:test";
import { EvictedPrefixes } from "../../../../runtime/host/evicted-prefixes.ts";

test("remembers the last few by their tokens, apart by adapters", () => {
  const evicted = new EvictedPrefixes(2);
  evicted.add([1, 2, 3], "");
  assert.equal(evicted.longest([1, 2, 9], ""), 2);
  assert.equal(evicted.longest([1, 2, 9], "other"), 0);
  evicted.add([4], "");
  evicted.add([5], "");
  assert.deepEqual([evicted.longest([1, 2, 3], ""), evicted.longest([4], ""), evicted.longest([5], "")], [0, 1, 1]);
});

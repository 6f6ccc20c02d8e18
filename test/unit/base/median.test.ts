import assert from "node:assert/strict";
import { test } from "node:test";
import { median } from "../../../base/median.ts";

test("the middle value, the mean of two, nothing of nothing", () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 3, 2]), median([])], [2, 2.5, NaN]);
});

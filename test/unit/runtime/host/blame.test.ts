import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, type ProcessEnd } from "../../../../runtime/host/blame.ts";

const verdicts = (running: string, preparing: string, end: ProcessEnd): string =>
  ["a", "b", "c"].map(judge({ running: new Set(running), preparing: new Set(preparing) }, end)).join(" ");

test("a run that does not come back has its culprit in it", () => {
  assert.equal(verdicts("a", "", "stuck"), "culprit innocent innocent");
  assert.equal(verdicts("a", "b", "stuck"), "culprit innocent innocent");
  assert.equal(verdicts("ab", "c", "stuck"), "suspect suspect innocent");
});

test("a crash may come from outside, from the run or from native code beside it", () => {
  assert.equal(verdicts("a", "", "crashed"), "suspect innocent innocent");
  assert.equal(verdicts("a", "b", "crashed"), "suspect suspect innocent");
});

test("when nothing was said, everybody may have done it", () => {
  for (const end of ["crashed", "stuck"] as const) assert.equal(verdicts("", "", end), "suspect suspect suspect");
});

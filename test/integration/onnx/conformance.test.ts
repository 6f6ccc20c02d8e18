import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { release } from "../../../runtime/backends/onnx/options.ts";
import { casesOf, groups, isInstalled, problemOf } from "./conformance.ts";
import { conformancePage, reasonOf, type Outcome } from "./known-failures.ts";

const page = join(packageRoot(import.meta.dirname), "docs", "reference", "onnx-conformance.md");
const skip = isInstalled() ? false : "Debian's libonnx-testdata is not installed";
const outcomes: Outcome[] = [];

for (const group of groups) {
  test(`operator tests: ${group}`, { skip, timeout: 120_000 }, async () => {
    for (const name of casesOf(group)) outcomes.push({ group, name, problem: await problemOf(group, name) });
    const unknown = outcomes.filter((outcome) => outcome.group === group && outcome.problem !== null && reasonOf(outcome) === undefined);
    assert.deepEqual(unknown, []);
  });
}

test("the reference page lists just what does not pass", { skip }, () => {
  const text = conformancePage(outcomes, release());
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(page, text);
  assert.equal(text, readFileSync(page, "utf8"), "UPDATE_GOLDEN=1 writes the page anew");
});

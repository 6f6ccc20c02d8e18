import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { runCommandSuite } from "../../runner/command-suite.ts";
import { parseCounts } from "../../runner/counts.ts";
import { suites } from "../../runner/suites.ts";

test("the closing line is read from the end only", () => {
  assert.deepEqual(parseCounts("noise\n3 passed, 1 failed\n"), { passed: 3, failed: 1, skipped: 0 });
  assert.deepEqual(parseCounts("3 passed, 0 failed, 2 skipped"), { passed: 3, failed: 0, skipped: 2 });
  assert.equal(parseCounts("3 passed, 0 failed\nthen it crashed"), null);
  assert.equal(parseCounts(""), null);
});

describe("a suite with a runner of its own", () => {
  const run = async (t: TestContext, program: string) => {
    const folder = mkdtempSync(join(tmpdir(), "inferno-runner-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "suite.mjs"), program);
    return await runCommandSuite({ root: folder, command: ["suite.mjs"], timeoutMs: 60_000 });
  };

  test("is believed when its closing line and its exit code agree", async (t) => {
    assert.deepEqual(await run(t, 'console.log("2 passed, 0 failed")'), { passed: 2, failed: 0, skipped: 0 });
    assert.deepEqual(await run(t, 'console.log("1 passed, 1 failed"); process.exitCode = 1'), { passed: 1, failed: 1, skipped: 0 });
  });
  test("fails when it claims success and exits otherwise", async (t) => {
    assert.deepEqual(await run(t, 'console.log("2 passed, 0 failed"); process.exitCode = 3'), { passed: 2, failed: 1, skipped: 0 });
  });
  test("fails when it says nothing", async (t) => {
    t.mock.method(console, "error", () => undefined);
    assert.deepEqual(await run(t, ""), { passed: 0, failed: 1, skipped: 0 });
  });
});

test("suites have names of their own", () => {
  assert.equal(new Set(suites.map(({ name }) => name)).size, suites.length);
});

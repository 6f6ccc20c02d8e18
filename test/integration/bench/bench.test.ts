import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";

const root = join(import.meta.dirname, "../../..");
const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", timeout: 120_000 });

test("the demo ends with an answer of the model, its speed, and the way into VS Code", () => {
  const { status, stdout, stderr } = run("bench/demo.ts");
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^you {4}What is 17 \+ 25\?\nember {2}17 \+ 25 = 42\n +\d+ tokens\/s, first token after \d+ ms, \d+ tokens$/m);
  assert.match(stdout, /code --install-extension dist\/inferno\.vsix/);
});

describe("npm run bench", () => {
  test("first-light: both sides do the same work, and the ratio is told", () => {
    const { status, stdout, stderr } = run("bench/main.ts", "first-light", "--rounds", "1", "--json");
    assert.equal(status, 0, stderr);
    const report = JSON.parse(stdout) as { sameText: boolean; daemon: unknown[]; peer: unknown[]; ratio: { loop: { median: number } } };
    assert.equal(report.sameText, true);
    assert.deepEqual([report.daemon.length, report.peer.length], [2, 2]);
    assert.ok(report.ratio.loop.median > 0);
  });

  test("ember: answers rows of every task", () => {
    const { status, stdout, stderr } = run("bench/main.ts", "ember", "--limit", "1", "--json");
    assert.equal(status, 0, stderr);
    const { total, byTask } = JSON.parse(stdout) as { total: { right: number; all: number }; byTask: Record<string, unknown> };
    assert.deepEqual([total.all, Object.keys(byTask).length], [22, 22]);
    // 81 % of all rows are right; a broken template or sampler leaves next to none.
    assert.ok(total.right >= 11, `${total.right} of 22 are right`);
  });

  test("an unknown name is an error that lists what there is", () => {
    const { status, stdout } = run("bench/main.ts", "no-such-benchmark");
    assert.equal(status, 2);
    assert.match(stdout, /first-light/);
  });
});

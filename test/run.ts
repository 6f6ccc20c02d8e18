/**
 * Runs the suites in order and prints, as the very last line, `N passed, N failed`.
 *
 *   node test/run.ts                     all suites
 *   node test/run.ts unit architecture   these suites
 *   node test/run.ts unit test/unit/base/emitter.test.ts   one file of a suite
 *   --spec                               every test's name, not only a dot
 *
 * Suites that read dist/ expect it to be built: the npm scripts do that first.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { add, none, type Counts } from "./runner/counts.ts";
import { runCommandSuite } from "./runner/command-suite.ts";
import { runNodeSuite } from "./runner/node-suite.ts";
import { suites, type Suite } from "./runner/suites.ts";

const root = join(import.meta.dirname, "..");

async function runSuite(suite: Suite, files: readonly string[], verbose: boolean): Promise<Counts> {
  const counts = suite.kind === "node"
    ? await runNodeSuite({ root, suite, files, verbose })
    : await runCommandSuite({ root, command: suite.command, timeoutMs: suite.timeoutMs });
  if (counts.passed + counts.failed > 0) return counts;
  console.error(`The suite "${suite.name}" ran no test.`);
  return add(counts, { ...none, failed: 1 });
}

async function main(args: readonly string[]): Promise<void> {
  const names = args.filter((arg) => !arg.startsWith("--") && !arg.endsWith(".ts"));
  const files = args.filter((arg) => arg.endsWith(".ts"));
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new Error(`No suite named ${unknown.join(", ")}; there are: ${suites.map(({ name }) => name).join(", ")}`);
  }
  const chosen = names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name));

  // A test that forgets to choose its own state folder must not touch the person's.
  const home = mkdtempSync(join(tmpdir(), "inferno-test-"));
  process.env["INFERNO_HOME"] = home;
  let total = none;
  try {
    for (const suite of chosen) {
      console.log(`\n== ${suite.name}: ${suite.about}`);
      const startedAt = performance.now();
      const counts = await runSuite(suite, files, args.includes("--spec"));
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
      console.log(`-- ${suite.name}: ${counts.passed} passed, ${counts.failed} failed${skipped} in ${seconds} s`);
      total = add(total, counts);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  if (total.skipped > 0) console.log(`\n${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
}

await main(process.argv.slice(2));

import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import type { Report } from "./report.ts";

/** A daemon's start and a model's load are in some tests; a loaded machine makes them slow. */
const testTimeoutMs = 60_000;

/** What the extension host calls. A rejection makes the editor end with a code other than 0. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: testTimeoutMs, reporter: "min" });
  // `__dirname`: this file runs as the CommonJS bundle that bundle.ts makes.
  for (const file of globSync("suite/*.test.cjs", { cwd: __dirname }).sort()) mocha.addFile(join(__dirname, file));
  const lines: string[] = [];
  const counts = { passed: 0, failed: 0 };
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on("pass", (test) => {
        counts.passed += 1;
        lines.push(`✔ ${test.fullTitle()} (${test.duration ?? 0} ms)`);
      })
      .on("fail", (test, error: Error) => {
        counts.failed += 1;
        lines.push(`✖ ${test.fullTitle()}`, error.stack ?? error.message);
      });
  });
  const report: Report = { lines, ...counts };
  const reportFile = process.env.INFERNO_INHOST_REPORT;
  if (reportFile !== undefined) writeFileSync(reportFile, JSON.stringify(report));
  if (counts.failed > 0) throw new Error(`${counts.failed} in-host tests failed`);
}

import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { run } from "node:test";
import { dot, spec } from "node:test/reporters";
import type { Counts } from "./counts.ts";
import type { NodeSuite } from "./suites.ts";

export interface NodeSuiteOptions {
  readonly root: string;
  readonly suite: NodeSuite;
  /** Only these files of the suite; all when empty. */
  readonly files: readonly string[];
  readonly verbose: boolean;
}

export async function runNodeSuite({ root, suite, files, verbose }: NodeSuiteOptions): Promise<Counts> {
  const wanted = new Set(files.map((file) => resolve(root, file)));
  const all = globSync("**/*.test.ts", { cwd: join(root, suite.folder) }).map((file) => join(root, suite.folder, file));
  const chosen = all.filter((file) => wanted.size === 0 || wanted.has(file)).sort();
  // `run` takes an empty list for "look for tests yourself".
  if (chosen.length === 0) return { passed: 0, failed: 0, skipped: 0 };

  const counts = { passed: 0, failed: 0, skipped: 0 };
  const stderr = new Map<string, string>();
  const failedFiles = new Set<string>();
  const events = run({
    files: chosen,
    cwd: root,
    concurrency: suite.parallel ? Math.max(1, availableParallelism() - 1) : 1,
    timeout: suite.timeoutMs,
  });
  events.on("test:pass", (test) => {
    if (test.details.type === "suite") return;
    if (isFile(test.name, root, chosen)) {
      // The runner reports a file in which no test was defined as one passed test: a check that cannot fail.
      counts.failed += 1;
      console.error(`\n${test.name} holds no test.`);
    } else if (test.skip !== undefined || test.todo !== undefined) counts.skipped += 1;
    else counts.passed += 1;
  });
  events.on("test:fail", (test) => {
    // A suite fails because a test in it did; only that one counts, unless the suite's own hook failed.
    if (test.details.type === "suite" && failureType(test.details.error) === "subtestsFailed") return;
    counts.failed += 1;
    if (test.file !== undefined) failedFiles.add(test.file);
  });
  // The dot reporter keeps a crashed file's last words to itself.
  events.on("test:stderr", ({ file, message }) => stderr.set(file, (stderr.get(file) ?? "") + message));
  const report: AsyncIterable<unknown> = verbose ? events.pipe(new spec()) : dot(events);
  for await (const chunk of report) process.stdout.write(String(chunk));
  if (!verbose) for (const file of failedFiles) process.stderr.write(stderr.get(file) ?? "");
  return counts;
}

const failureType = (error: Error): unknown => ("failureType" in error ? error.failureType : undefined);
const isFile = (name: string, root: string, files: readonly string[]): boolean => files.includes(resolve(root, name));

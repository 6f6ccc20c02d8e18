import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { inspect } from "node:util";
import type { Counts } from "./counts.ts";
import type { NodeSuite } from "./suites.ts";

export interface NodeSuiteOptions {
  readonly root: string;
  readonly suite: NodeSuite;
  /** Only these files of the suite; all when empty. */
  readonly files: readonly string[];
  /** Node's own report of every test, instead of dots and the failures. */
  readonly verbose: boolean;
}

export async function runNodeSuite({ root, suite, files, verbose }: NodeSuiteOptions): Promise<Counts> {
  const wanted = new Set(files.map((file) => resolve(root, file)));
  const all = globSync("**/*.test.ts", { cwd: join(root, suite.folder) }).map((file) => join(root, suite.folder, file));
  const chosen = all.filter((file) => wanted.size === 0 || wanted.has(file)).sort();
  // `run` takes an empty list for "look for tests yourself".
  if (chosen.length === 0) return { passed: 0, failed: 0, skipped: 0 };

  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  const stderr = new Map<string, string>();
  const progress = (mark: string): void => {
    if (!verbose) process.stdout.write(mark);
  };
  const fail = (name: string, file: string | undefined, error: unknown): void => {
    counts.failed += 1;
    progress("X");
    const place = file === undefined ? "" : ` (${relative(root, file)})`;
    failures.push(`✖ ${name}${place}\n${inspect(error)}\n${stderr.get(file ?? "") ?? ""}`);
  };

  const events = run({
    files: chosen,
    cwd: root,
    concurrency: suite.parallel ? Math.max(1, availableParallelism() - 1) : 1,
    timeout: suite.timeoutMs,
  });
  // A crashed file says why on stderr only; it comes before the failure.
  events.on("test:stderr", ({ file, message }) => stderr.set(file, (stderr.get(file) ?? "") + message));
  events.on("test:pass", (test) => {
    if (test.details.type === "suite") return;
    if (chosen.includes(resolve(root, test.name))) {
      // The runner reports a file in which no test was defined as one passed test: a check that cannot fail.
      fail(test.name, test.file, "The file holds no test.");
    } else if (test.skip !== undefined || test.todo !== undefined) {
      counts.skipped += 1;
      progress("s");
    } else {
      counts.passed += 1;
      progress(".");
    }
  });
  events.on("test:fail", (test) => {
    const { type, error } = test.details;
    // A suite fails because a test in it did; only that one counts, unless the suite's own hook failed.
    if (type === "suite" && "failureType" in error && error.failureType === "subtestsFailed") return;
    fail(test.name, test.file, error.cause);
  });
  if (verbose) events.pipe(new spec()).pipe(process.stdout, { end: false });
  else events.resume();
  await new Promise((done) => events.once("end", done));
  progress("\n");
  if (!verbose) for (const failure of failures) console.log(`\n${failure}`);
  return counts;
}

import { relative, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { inspect } from "node:util";
import type { Counts } from "./counts.ts";

export interface NodeFileOptions {
  readonly root: string;
  readonly file: string;
  readonly timeoutMs: number;
  readonly verbose: boolean;
}

export interface FileReport {
  readonly counts: Counts;
  readonly failures: readonly string[];
}

/** Runs one test file in a process of its own. */
export async function runNodeFile({ root, file, timeoutMs, verbose }: NodeFileOptions): Promise<FileReport> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  let stderr = "";
  const progress = (mark: string): void => {
    if (!verbose) process.stdout.write(mark);
  };
  const fail = (name: string, error: unknown): void => {
    counts.failed += 1;
    progress("X");
    failures.push(`✖ ${name} (${relative(root, file)})\n${inspect(error)}\n${stderr}`);
  };

  // `timeout` fails a test, but a file whose tests are over and that keeps a socket or a child open would be waited for without end.
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  const events = run({ files: [file], cwd: root, concurrency: 1, timeout: timeoutMs, signal: abort.signal });
  // A crashed file says why on stderr only.
  events.on("test:stderr", ({ message }) => {
    stderr += message;
  });
  events.on("test:pass", (test) => {
    if (test.details.type === "suite") return;
    if (resolve(root, test.name) === file) {
      // The runner reports a file in which no test was defined as one passed test: a check that cannot fail.
      fail(test.name, "The file holds no test.");
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
    fail(test.name, abort.signal.aborted ? `Still running after ${timeoutMs / 1000} s; ended.` : error.cause);
  });
  if (verbose) events.pipe(new spec()).pipe(process.stdout, { end: false });
  else events.resume();
  await new Promise((done) => events.once("end", done));
  clearTimeout(timer);
  return { counts, failures };
}

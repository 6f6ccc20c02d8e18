import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { runNodeFile, type FileReport } from "./node-file.ts";
import { add, none, type Counts } from "./counts.ts";
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
  const waiting = all.filter((file) => wanted.size === 0 || wanted.has(file)).sort();
  const reports: FileReport[] = [];
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      reports.push(await runNodeFile({ root, file, timeoutMs: suite.timeoutMs, verbose }));
    }
  };
  // Verbose reports of several files at once could not be read.
  const workers = suite.parallel && !verbose ? Math.max(1, availableParallelism() - 1) : 1;
  await Promise.all(Array.from({ length: workers }, worker));

  if (!verbose) process.stdout.write("\n");
  for (const failure of reports.flatMap(({ failures }) => failures)) console.log(`\n${failure}`);
  return reports.map(({ counts }) => counts).reduce(add, none);
}

/**
 * Runs the suite beside this file inside VS Code's extension host, with the real `vscode` API, and prints `N passed, N failed`.
 *
 *   node test/inhost/run.ts                                     VS Code's server from npm, in headless Chromium
 *   VSCODE_TEST_EXECUTABLE=download node test/inhost/run.ts     a desktop VS Code, downloaded by @vscode/test-electron
 *   VSCODE_TEST_EXECUTABLE=/path/to/code node test/inhost/run.ts
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { runTests } from "@vscode/test-electron";
import { packageRoot } from "../../base/package-root.ts";
import { temporaryHome } from "../drivers/inferno-home.ts";
import { bundleSuite } from "./bundle.ts";
import type { Report } from "./report.ts";

const root = packageRoot(import.meta.dirname);

/** Beside Ember, a model that counts without end: a request to it ends only when it is cancelled. */
const config = `server:
  port: 0
models:
  endless:
    source: fake:count?tokenUs=20000
`;

async function main(): Promise<void> {
  if (!existsSync(join(root, "dist", "extension.cjs"))) throw new Error("dist/extension.cjs is missing: run `npm run build` first");
  const suite = await bundleSuite(join(root, ".vscode-test", "inhost"));
  const scratch = await mkdtemp(join(tmpdir(), "inferno-inhost-"));
  const home = await temporaryHome();
  const reportFile = join(scratch, "report.json");
  try {
    await writeFile(join(scratch, "inferno.yaml"), config);
    const executable = editor();
    await runTests({
      ...(executable === undefined ? {} : { vscodeExecutablePath: executable }),
      extensionDevelopmentPath: root,
      extensionTestsPath: suite,
      launchArgs: [scratch],
      extensionTestsEnv: {
        ...home.env,
        INFERNO_ALLOW_FAKE: "1",
        INFERNO_INHOST_REPORT: reportFile,
        // The stand-in editor is a script for this very Node, which need not be the first on the machine's PATH.
        PATH: [dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
      },
    }).catch((error: unknown) => console.error(String(error)));
    summarise(await readReport(reportFile));
  } finally {
    await home.dispose();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Undefined lets @vscode/test-electron download one. */
function editor(): string | undefined {
  const chosen = process.env.VSCODE_TEST_EXECUTABLE;
  if (chosen === "download") return undefined;
  return chosen === undefined || chosen === "" ? join(root, "test", "drivers", "code-shim.ts") : chosen;
}

async function readReport(file: string): Promise<Report> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? { lines: ["The suite ended without a report."], passed: 0, failed: 1 } : (JSON.parse(text) as Report);
}

function summarise({ lines, passed, failed }: Report): void {
  for (const line of lines) console.log(line);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
  console.log(`\n${passed} passed, ${failed} failed`);
}

await main();

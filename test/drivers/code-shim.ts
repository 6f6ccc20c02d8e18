#!/usr/bin/env node
/**
 * Poses as the desktop executable of VS Code towards @vscode/test-electron (`vscodeExecutablePath`), so that one in-host suite runs on a
 * desktop and on a machine that has only npm. It starts VS Code's server, opens the workbench in headless Chromium, lets the extension
 * host run the suite, and ends with the suite's exit code.
 *
 *   code-shim.ts [folder] --extensionDevelopmentPath=DIR --extensionTestsPath=FILE [--disable-workspace-trust] [flags of the desktop: ignored]
 */
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { format, parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { packageRoot } from "../../base/package-root.ts";
import { launchChromium } from "./chromium.ts";
import { startVSCodeServer, type VSCodeServer } from "./vscode-server.ts";

/** Below the limit that the test runner sets for the whole suite, so that the logs still come out. */
const limitMs = 6 * 60_000;

const { values, positionals } = parseArgs({
  // The desktop has many flags that mean nothing here.
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: "string", multiple: true },
    extensionTestsPath: { type: "string" },
    "disable-workspace-trust": { type: "boolean" },
    "user-data-dir": { type: "string" },
    "extensions-dir": { type: "string" },
  },
});
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const server = await startVSCodeServer({
  testDriver: true,
  workspaceTrust: values["disable-workspace-trust"] !== true,
  userDataDir: text(values["user-data-dir"]),
  extensionsDir: text(values["extensions-dir"]),
});
const browser = await launchChromium();
const close = async (): Promise<void> => {
  await browser.close();
  await server.dispose();
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void close().then(() => process.exit(130)));

const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
try {
  process.exitCode = await suiteExitCode(page, server);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${String(error)}\n${await server.logs()}\n`);
  await page.screenshot({ path: join(packageRoot(import.meta.dirname), "test-results", "in-host.png") });
} finally {
  await close();
}

/** The workbench's test driver calls these two functions of the window: one for each console line, one when the suite has ended. */
async function suiteExitCode(page: Page, server: VSCodeServer): Promise<number> {
  const ended = Promise.withResolvers<number>();
  await page.exposeFunction("codeAutomationExit", (code: number) => ended.resolve(code));
  await page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => {
    // The workbench's own chatter arrives in the same stream as the suite's lines.
    if (process.env.INFERNO_SHIM_VERBOSE !== undefined) process.stdout.write(`${format(...args)}\n`);
  });
  await page.goto(address(server));
  const limit = new AbortController();
  const overdue = pause(limitMs, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`The in-host suite did not end within ${limitMs / 60_000} minutes`);
  });
  overdue.catch(() => undefined);
  try {
    return await Promise.race([ended.promise, overdue]);
  } finally {
    limit.abort();
  }
}

function address(server: VSCodeServer): string {
  const remote = (path: string): string => `vscode-remote://${new URL(server.url).host}${resolve(path)}`;
  const developed = Array.isArray(values.extensionDevelopmentPath) ? values.extensionDevelopmentPath : [];
  const tests = text(values.extensionTestsPath);
  if (tests === undefined) throw new Error("code-shim needs --extensionTestsPath");
  const payload = [
    ...developed.map((path) => ["extensionDevelopmentPath", remote(String(path))]),
    ["extensionTestsPath", remote(tests)],
  ];
  const folder = positionals[0] === undefined ? undefined : resolve(positionals[0]);
  return `${server.workbenchUrl(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

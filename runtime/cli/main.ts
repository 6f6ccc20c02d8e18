#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import { compiledFolder, homeFolder } from "../home/folder.ts";

/** The entry of the `inferno` command. An editor waits for `lsp`, so that is started before anything else is loaded. */
async function main(args: readonly string[]): Promise<number> {
  const here = import.meta.dirname;
  const { version, engines } = JSON.parse(readFileSync(join(packageRoot(here), "package.json"), "utf8")) as { version: string; engines: { node: string } };
  const wanted = engines.node.replace(">=", "");
  // A linked command runs on whatever Node is first on the PATH; an older one would fail later and say something stranger.
  if (process.versions.node.localeCompare(wanted, "en", { numeric: true }) < 0) {
    process.stderr.write(`error: Inferno needs Node.js ${wanted} or newer; this is ${process.versions.node}.\n`);
    return 1;
  }
  keepCompiled();
  if (args[0] === "lsp" && args.slice(1).every((arg) => arg === "--stdio")) return await (await import("./lsp.ts")).lsp(here);
  const [{ runCli }, { processTerminal }] = await Promise.all([import("./cli.ts"), import("./terminal.ts")]);
  return await runCli(args, processTerminal(process), version);
}

/**
 * Lets V8 find in the state folder what it compiled at an earlier start: half of the time until a command begins, and 16 MiB of each process.
 * Children inherit it. The first start, which has no state folder yet, does without.
 */
function keepCompiled(): void {
  const home = homeFolder(process.env);
  if (process.env["NODE_COMPILE_CACHE"] !== undefined || !existsSync(home)) return;
  const folder = compiledFolder(home);
  process.env["NODE_COMPILE_CACHE"] = folder;
  enableCompileCache(folder);
}

process.exitCode = await main(process.argv.slice(2));

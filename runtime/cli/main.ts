import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";

/** The entry of the `inferno` command. An editor waits for `lsp`, so that is started before anything else is loaded. */
async function main(args: readonly string[]): Promise<number> {
  const here = import.meta.dirname;
  if (args[0] === "lsp" && args.slice(1).every((arg) => arg === "--stdio")) return await (await import("./lsp.ts")).lsp(here);
  const [{ runCli }, { processTerminal }] = await Promise.all([import("./cli.ts"), import("./terminal.ts")]);
  const { version } = JSON.parse(readFileSync(join(packageRoot(here), "package.json"), "utf8")) as { version: string };
  return await runCli(args, processTerminal(process), version);
}

process.exitCode = await main(process.argv.slice(2));

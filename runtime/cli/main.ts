import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";

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
  if (args[0] === "lsp" && args.slice(1).every((arg) => arg === "--stdio")) return await (await import("./lsp.ts")).lsp(here);
  const [{ runCli }, { processTerminal }] = await Promise.all([import("./cli.ts"), import("./terminal.ts")]);
  return await runCli(args, processTerminal(process), version);
}

process.exitCode = await main(process.argv.slice(2));

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { packageRoot } from "../base/package-root.ts";
import { systemTimer } from "../base/system-timer.ts";
import { createServer } from "./create.ts";
import { diskWorld } from "./world.ts";

/** The language server of inferno.yaml for any editor: `server.mjs --stdio` (or `--node-ipc`, `--socket=PORT`, `--pipe=NAME`). */

const manifest = JSON.parse(readFileSync(join(packageRoot(import.meta.dirname), "package.json"), "utf8")) as { version: string };
const transports = ["--stdio", "--node-ipc", "--socket", "--pipe"];
if (!process.argv.some((arg) => transports.some((name) => arg === name || arg.startsWith(`${name}=`)))) {
  console.error(`Say how to talk to this language server: ${transports.join(", ")}.`);
  process.exit(2);
}
const connection = createConnection(ProposedFeatures.all);
createServer({ connection, disk: diskWorld, timer: systemTimer, version: manifest.version });
connection.listen();

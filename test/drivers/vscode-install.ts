import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import { builtFolder } from "./built-folder.ts";
import { runToEnd } from "./child.ts";

/** code-server carries VS Code's own server and workbench as an npm package; its version numbers follow VS Code's (4.139 = 1.139). */
const version = "4.139.1";
const npmFlags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"];
/** Large parts that no test of an extension loads (330 MB of 560), or that only Windows does. */
const unused = [
  "@devcontainers/cli",
  "@github/copilot-sdk",
  "@microsoft/mxc-sdk",
  "@vscode/windows-process-tree",
  "@vscode/windows-registry",
];
/** Native modules that would have to be compiled here, and what takes their place. */
const standIns = { "@vscode/spdlog": "spdlog.cjs", "@vscode/native-watchdog": "native-watchdog.cjs" };

/**
 * Installs VS Code's server from the package registry, once, and returns its folder (the one with `out/server-main.js`).
 * It needs npm and this Node (24), nothing else: no compiler, no download from elsewhere, no root.
 */
export async function installVSCode(): Promise<string> {
  const root = packageRoot(import.meta.dirname);
  const folder = await builtFolder(join(root, ".vscode-test", `code-server-${version}`), await recipe(), install);
  return serverFolder(folder);
}

/** Differs whenever this file or a stand-in does, so that an older folder is built anew. */
async function recipe(): Promise<string> {
  const hash = createHash("sha256");
  const files = Object.values(standIns).map(standInFile);
  for (const file of [import.meta.filename, ...files]) hash.update(await readFile(file));
  return hash.digest("hex");
}

const standInFile = (file: string): string => join(import.meta.dirname, "stand-ins", file);

const serverFolder = (folder: string): string => join(folder, "node_modules", "code-server", "lib", "vscode");

async function install(staging: string): Promise<void> {
  const started = Date.now();
  const say = (what: string): boolean => process.stdout.write(`VS Code ${version}: ${what}\n`);
  say("installing from the package registry (about a minute, once)…");
  await writeFile(join(staging, "package.json"), JSON.stringify({ private: true }));
  await npmInstall(staging, [`code-server@${version}`]);

  const server = serverFolder(staging);
  say("installing the server's own dependencies…");
  await leaveOutUnused(server);
  await npmInstall(server, ["--omit=dev"]);
  for (const [name, file] of Object.entries(standIns)) await putStandIn(server, name, file);
  await keepOwnPlatform(join(server, "node_modules", "@vscode", "ripgrep-universal", "bin"));
  say(`ready after ${Math.round((Date.now() - started) / 1000)} s`);
}

/** npm reads npm_config_* of the npm that may have started us (a prefix, a script's flags): the child starts without them. */
async function npmInstall(folder: string, args: readonly string[]): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache|userconfig)$)/i.test(name)));
  await runToEnd("npm", ["install", ...npmFlags, ...args], { cwd: folder, env });
}

async function leaveOutUnused(server: string): Promise<void> {
  const file = join(server, "package.json");
  const manifest = JSON.parse(await readFile(file, "utf8")) as { dependencies: Record<string, string> };
  const leftOut = new Set([...unused, ...Object.keys(standIns)]);
  const dependencies = Object.fromEntries(Object.entries(manifest.dependencies).filter(([name]) => !leftOut.has(name)));
  await writeFile(file, JSON.stringify({ ...manifest, dependencies }, null, 2));
}

async function putStandIn(server: string, name: string, file: string): Promise<void> {
  const folder = join(server, "node_modules", name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name, version: "0.0.0", main: "index.js" }));
  await copyFile(standInFile(file), join(folder, "index.js"));
}

async function keepOwnPlatform(binaries: string): Promise<void> {
  const own = `${process.platform}-${process.arch}`;
  const names = await readdir(binaries);
  if (!names.includes(own)) return;
  for (const name of names) if (name !== own) await rm(join(binaries, name), { recursive: true });
}

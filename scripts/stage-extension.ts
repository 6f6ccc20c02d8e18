import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";
import { build } from "esbuild";

/**
 * Puts together in the empty folder `to` exactly what the VSIX holds. A list of what goes in, not of what stays out: node_modules has 700 MB,
 * of which the extension needs a twentieth.
 */
export async function stageExtension(root: string, to: string): Promise<void> {
  for (const path of ["LICENSE", "README.md", "CHANGELOG.md", "schemas", "l10n", "runtime/models", "extension/media"]) await copy(root, to, path);
  for (const file of await readdir(root)) if (/^package\.nls(\..+)?\.json$/.test(file)) await copy(root, to, file);
  for (const file of ["language-configuration.json", "inferno.tmLanguage.json"]) await copy(root, to, join("extension", file));
  await copy(root, to, "dist", (path) => ![".map", ".vsix"].includes(extname(path)));
  const dependencies = await stagePackages(root, to);
  await writeManifest(root, to, dependencies);
}

/** The packages that stay outside the bundles because of their native parts, for this platform only. Returns their versions by name. */
async function stagePackages(root: string, to: string): Promise<Record<string, string>> {
  const code = new Set([".js", ".cjs", ".json", ".node", ".txt", ".md"]);
  await copy(root, to, "node_modules/koffi", (path) => !/\/(doc|vendor)$/.test(path) && isFolderOr(path, code));
  const koffi = (await readdir(join(root, "node_modules/@koromix"))).map((name) => `@koromix/${name}`);
  for (const name of koffi) await copy(root, to, `node_modules/${name}`);

  const prebuilt = `${process.platform}-${process.arch}.node`;
  await copy(root, to, "node_modules/better-sqlite3", (path) => {
    if (/\/(deps|src)$/.test(path) || extname(path) === ".gyp") return false;
    // A musl build beside ours serves the same target of VS Code.
    return extname(path) !== ".node" || basename(path).endsWith(prebuilt) || basename(path).replace("musl", "") === prebuilt;
  });

  const llama = await llamaPackage(root);
  // The addon and what only it links are for node-llama-cpp's own JavaScript, which is not in use.
  await copy(root, to, `node_modules/${llama}`, (path) => !/(llama-addon\.node|llama-common\.\w+)$/.test(path));
  await stageDownloader(root, to);

  const names = ["koffi", ...koffi, "better-sqlite3", "node-llama-cpp", llama];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await trimManifest(to, name)] as const)));
}

/** The package that carries llama.cpp for this platform's CPU (on Apple silicon: Metal). */
async function llamaPackage(root: string): Promise<string> {
  const system = { linux: "linux", darwin: "mac", win32: "win" }[process.platform as string] ?? process.platform;
  const scope = join(root, "node_modules/@node-llama-cpp");
  const found = (await readdir(scope)).filter((name) => name.startsWith(`${system}-${process.arch}`) && existsSync(join(scope, name, "bins")));
  const name = found.sort((a, b) => a.length - b.length)[0];
  if (name === undefined) throw new Error(`No llama.cpp library is installed for ${process.platform} ${process.arch}: run npm ci`);
  return `@node-llama-cpp/${name}`;
}

/** Of node-llama-cpp the model downloader is in use (and, by their paths, the grammar generators): bundled, its 40 MB and forty dependencies are half a megabyte. */
async function stageDownloader(root: string, to: string): Promise<void> {
  const folder = join(to, "node_modules/node-llama-cpp");
  await copy(root, to, "node_modules/node-llama-cpp", (path) => !/\/(bins|dist|llama|templates|node_modules)$/.test(path));
  await build({
    stdin: { contents: 'export { resolveModelFile } from "node-llama-cpp";', resolveDir: root },
    outfile: join(folder, "dist/index.js"),
    bundle: true, minify: true, platform: "node", target: "node22.15", format: "esm", logLevel: "error", legalComments: "linked",
    mainFields: ["module", "main"],
    // Its native parts; asked for at run time and done without when they are missing.
    external: ["@node-llama-cpp/*", "@reflink/*"],
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  });
  await stageGrammarGenerators(root, to);
  // Read while it loads.
  for (const file of ["binariesGithubRelease.json", "llama.cpp.info.json"]) await copy(root, to, join("node_modules/node-llama-cpp/llama", file));
}

/** The modules that runtime/backends/llama/schema-grammar.ts takes by their paths, at the same paths and with what they import. */
async function stageGrammarGenerators(root: string, to: string): Promise<void> {
  const folder = "node_modules/node-llama-cpp/dist/utils/gbnfJson";
  await build({
    entryPoints: ["GbnfGrammarGenerator.js", "utils/getGbnfJsonTerminalForGbnfJsonSchema.js", "utils/GbnfJsonScopeState.js"].map((file) => join(root, folder, file)),
    outbase: join(root, folder),
    outdir: join(to, folder),
    bundle: true, minify: true, platform: "node", target: "node22.15", format: "esm", logLevel: "error", legalComments: "linked",
    // What they share is one module, as it was: they ask each other's objects for their class.
    splitting: true,
  });
}

/** Rewrites a package's manifest without its dependencies, which are bundled, staged beside it, or not needed; returns its version. */
async function trimManifest(to: string, name: string): Promise<string> {
  const file = join(to, "node_modules", name, "package.json");
  const { dependencies: _, optionalDependencies: _optional, devDependencies: _dev, scripts: _scripts, ...manifest } = await readManifest(file);
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return String(manifest["version"]);
}

async function writeManifest(root: string, to: string, dependencies: Record<string, string>): Promise<void> {
  const { scripts: _, devDependencies: _dev, overrides: _overrides, allowScripts: _allow, private: _private, ...manifest } = await readManifest(join(root, "package.json"));
  await writeFile(join(to, "package.json"), `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`);
}

const readManifest = async (file: string) => JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;

const isFolderOr = (path: string, extensions: ReadonlySet<string>) => extname(path) === "" || extensions.has(extname(path));

/** Copies a file or folder of the repository to the same place in the staged one; what does not exist is an error. */
async function copy(root: string, to: string, path: string, wanted: (path: string) => boolean = () => true): Promise<void> {
  const target = join(to, relative(root, join(root, path)));
  await mkdir(dirname(target), { recursive: true });
  await cp(join(root, path), target, { recursive: true, filter: (source) => wanted(source.replaceAll("\\", "/")) });
}

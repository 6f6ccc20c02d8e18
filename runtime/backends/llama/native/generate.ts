/**
 * Writes `llama.generated.ts` from the llama.cpp sources that node-llama-cpp carries, or with `--check` says whether the file is current
 * (exit 1 when it is not). Needs git, since the sources are a git bundle.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { readDeclarations } from "./declarations.ts";
import { emitBinding } from "./emit-binding.ts";
import { wanted } from "./wanted.ts";

const generatedFile = join(dirname(fileURLToPath(import.meta.url)), "llama.generated.ts");

function generate(): string {
  const llamaFolder = join(nodeLlamaCppFolder(), "llama");
  const { tag } = JSON.parse(readFileSync(join(llamaFolder, "llama.cpp.info.json"), "utf8")) as { tag: string };
  const headers = readFromBundle(join(llamaFolder, "gitRelease.bundle"), wanted.headers);
  return emitBinding(readDeclarations(headers), wanted, tag);
}

function nodeLlamaCppFolder(): string {
  // The package's main file is dist/index.js; its exports hide package.json.
  return dirname(dirname(createRequire(import.meta.url).resolve("node-llama-cpp")));
}

function readFromBundle(bundle: string, paths: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "inferno-headers-"));
  try {
    execFileSync("git", ["clone", "--quiet", "--bare", bundle, folder], { stdio: ["ignore", "ignore", "pipe"] });
    return paths.map((path) => execFileSync("git", ["--git-dir", folder, "show", `HEAD:${path}`], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const text = generate();
  if (process.argv.includes("--check")) {
    const current = readFileSync(generatedFile, "utf8") === text;
    process.stdout.write(current ? "llama.generated.ts is current\n" : "llama.generated.ts differs: run generate.ts\n");
    process.exitCode = current ? 0 : 1;
  } else {
    writeFileSync(generatedFile, text);
    process.stdout.write(`wrote ${generatedFile}\n`);
  }
}

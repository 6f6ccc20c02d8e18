import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import { configJsonSchema } from "./config-schema.ts";
import { contributes, nls } from "./contributes.ts";
import { manifestJsonSchema } from "./manifest-schema.ts";
import { openApiDocument } from "./openapi.ts";
import { referencePages } from "./reference.ts";

/** Writes every generated file, or with `--check` names those that differ and exits 1. */

interface Manifest { readonly version: string; readonly [key: string]: unknown }

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const readText = (path: string) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

/** Generated files by path from the package root. */
function generatedFiles(root: string): Map<string, string> {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const files = new Map([
    ["package.json", json({ ...manifest, contributes: contributes() })],
    ["package.nls.json", json(nls())],
    ["schemas/inferno.schema.json", json(configJsonSchema())],
    ["schemas/inferno.model.schema.json", json(manifestJsonSchema())],
    ["docs/reference/openapi.json", json(openApiDocument(manifest.version))],
  ]);
  for (const [name, text] of Object.entries(referencePages())) files.set(`docs/reference/${name}`, text);
  return files;
}

const root = packageRoot(import.meta.dirname);
const changed = [...generatedFiles(root)].filter(([path, text]) => readText(join(root, path)) !== text);

if (process.argv.includes("--check")) {
  for (const [path] of changed) console.error(`${path} is not what protocol/ says; run \`npm run emit\`.`);
  process.exitCode = changed.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of changed) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}

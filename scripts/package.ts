/** Packages the extension for this platform: dist/inferno.vsix. The bundles have to be built before (`npm run package` does). */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVSIX } from "@vscode/vsce";
import { packageRoot } from "../base/package-root.ts";
import { stageExtension } from "./stage-extension.ts";

const root = packageRoot(import.meta.dirname);
const staged = await mkdtemp(join(tmpdir(), "inferno-vsix-"));
const packagePath = join(root, "dist", "inferno.vsix");

try {
  await stageExtension(root, staged);
  await createVSIX({
    cwd: staged,
    packagePath,
    target: `${process.platform}-${process.arch}`,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
    // Everything in the staged folder is wanted; there is nothing to leave out by pattern.
    allowUnusedFilesPattern: true,
  });
} finally {
  await rm(staged, { recursive: true, force: true });
}
console.log(`dist/inferno.vsix  ${((await stat(packagePath)).size / 1024 / 1024).toFixed(1)} MiB`);

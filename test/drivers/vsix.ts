import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import { runToEnd } from "./child.ts";

/** The extension as users install it, packaged anew when a built file is newer. */
export async function packagedExtension(): Promise<string> {
  const root = packageRoot(import.meta.dirname);
  const vsix = join(root, "dist", "inferno.vsix");
  const built = globSync("dist/**/*.{cjs,mjs,js,css,html}", { cwd: root }).map((file) => join(root, file));
  const stale = !existsSync(vsix) || built.some((file) => statSync(file).mtimeMs > statSync(vsix).mtimeMs);
  if (stale) {
    process.stdout.write("Packaging the extension (npm run package)…\n");
    await runToEnd("npm", ["run", "package"], { cwd: root });
  }
  return vsix;
}

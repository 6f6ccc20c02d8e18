import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder at or above `from` that holds a package.json: the same answer for sources and for files built into dist/. */
export function packageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error(`No package.json at or above ${from}`);
  }
}

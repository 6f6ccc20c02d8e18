import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

/** The rooms: every folder that may hold source files of ours. */
export const rooms = ["base", "protocol", "runtime", "server", "extension", "webviews", "bench", "scripts", "test"] as const;
export type Room = (typeof rooms)[number];

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Nobody reads or mends these by hand, so no limit on length holds for them; eslint.config.mjs has the same pattern. */
export const isGenerated = (path: string): boolean => path.endsWith(".generated.ts");

/** Everything in the rooms with one of these extensions, sorted by path. */
export function sourceFiles(extensions: readonly string[]): SourceFile[] {
  return globSync(rooms.map((room) => `${room}/**/*.{${extensions.join(",")},}`), { cwd: root })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => extensions.some((extension) => path.endsWith(`.${extension}`)))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

import { dirname, basename } from "node:path/posix";
import type { Machine } from "../../../../runtime/machine/machine.ts";

export interface FakeMachineOptions extends Partial<Omit<Machine, "exists" | "list" | "read" | "link">> {
  /** Path → text. Folders are there because something is in them. */
  readonly files?: Record<string, string> | undefined;
  readonly links?: Record<string, string> | undefined;
}

/** A Linux machine that has these files and nothing else. */
export function fakeMachine({ files = {}, links = {}, ...rest }: FakeMachineOptions = {}): Machine {
  const paths = [...Object.keys(files), ...Object.keys(links)];
  const folders = new Map<string, Set<string>>();
  for (const path of paths) {
    for (let at = path; at !== dirname(at); at = dirname(at)) {
      const names = folders.get(dirname(at)) ?? new Set<string>();
      folders.set(dirname(at), names.add(basename(at)));
    }
  }
  return {
    platform: "linux",
    arch: "x64",
    env: {},
    cpuModel: "Test CPU",
    processors: 4,
    memory: { totalBytes: 8e9, freeBytes: 1e9 },
    exists: (path) => paths.includes(path) || folders.has(path),
    list: (folder) => [...(folders.get(folder) ?? [])],
    read: (path) => files[path] ?? "",
    link: (path) => links[path] ?? "",
    modifiedMs: (path) => (paths.includes(path) || folders.has(path) ? 1 : 0),
    ...rest,
  };
}

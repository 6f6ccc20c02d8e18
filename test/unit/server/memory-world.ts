import { posix } from "node:path";
import type { World } from "../../../server/features/workspace.ts";

interface MemoryFile { bytes: Uint8Array; modifiedMs: number }

/** The disk's twin in memory: files by absolute path; folders are what lies above files. Counts what is read. */
export class MemoryWorld implements World {
  readonly files = new Map<string, MemoryFile>();
  readonly unreadable = new Set<string>();
  bytesRead = 0;
  #clock = 0;

  write(path: string, bytes: Uint8Array | string): void {
    this.#clock += 1;
    this.files.set(path, { bytes: typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes, modifiedMs: this.#clock });
  }

  resolve(documentUri: string, path: string): string | undefined {
    const url = new URL(documentUri);
    return url.protocol === "file:" ? posix.resolve(posix.dirname(decodeURIComponent(url.pathname)), path) : undefined;
  }

  async stat(path: string) {
    const file = this.files.get(path);
    if (file !== undefined) return { kind: "file" as const, size: file.bytes.length, modifiedMs: file.modifiedMs };
    const isFolder = [...this.files.keys()].some((name) => name.startsWith(`${path}/`));
    return isFolder ? { kind: "folder" as const, size: 0, modifiedMs: 0 } : undefined;
  }

  async read(path: string, offset: number, length: number): Promise<Uint8Array> {
    if (this.unreadable.has(path)) throw new Error("EACCES: permission denied");
    const bytes = this.files.get(path)!.bytes.slice(offset, offset + length);
    this.bytesRead += bytes.length;
    return bytes;
  }

  async list(path: string) {
    const inside = [...this.files.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1).split("/"));
    const names = new Map(inside.map(([name, ...rest]) => [name!, rest.length > 0]));
    return [...names].map(([name, folder]) => ({ name, folder }));
  }
}

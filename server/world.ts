import { open, readdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { URI } from "vscode-uri";
import type { FileFacts, FolderEntry, World } from "./features/workspace.ts";

/** The disk of this machine. */
export const diskWorld: World = {
  resolve: (documentUri, path) => {
    const uri = URI.parse(documentUri);
    return uri.scheme === "file" ? resolve(dirname(uri.fsPath), path) : undefined;
  },
  stat: async (path): Promise<FileFacts | undefined> => {
    try {
      const facts = await stat(path);
      const kind = facts.isFile() ? "file" : facts.isDirectory() ? "folder" : "other";
      return { kind, size: facts.size, modifiedMs: facts.mtimeMs };
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  },
  read: async (path, offset, length) => {
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
  list: async (path): Promise<readonly FolderEntry[]> => {
    try {
      const entries = await readdir(path, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
    } catch (error) {
      if (isAbsence(error)) return [];
      throw error;
    }
  },
};

/** Every spelling of "there is nothing at this path", among them a file where a folder should be and a name that no file system allows. */
function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "EINVAL", "ERR_INVALID_ARG_VALUE", "ELOOP"].includes(code);
}

import { open } from "node:fs/promises";
import * as vscode from "vscode";
import type { ClosableSource } from "../../protocol/panels/flame-open-file.ts";

/** Files of this machine are read in part; VS Code's own file systems only give whole ones. */
export async function openSource(uri: vscode.Uri): Promise<ClosableSource> {
  if (uri.scheme !== "file") {
    const bytes = await vscode.workspace.fs.readFile(uri);
    return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length), close: async () => {} };
  }
  const handle = await open(uri.fsPath, "r");
  const { size } = await handle.stat();
  return {
    size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}

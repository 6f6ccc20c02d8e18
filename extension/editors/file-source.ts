import * as vscode from "vscode";
import type { ClosableSource } from "../../protocol/panels/flame-open-file.ts";
import { openFile } from "./open-file.ts";

/** Files of this machine are read in part; VS Code's own file systems only give whole ones. */
export async function openSource(uri: vscode.Uri): Promise<ClosableSource> {
  if (uri.scheme === "file") return await openFile(uri.fsPath);
  const bytes = await vscode.workspace.fs.readFile(uri);
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length), close: async () => {} };
}

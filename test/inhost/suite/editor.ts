import * as vscode from "vscode";
import { eventually } from "../../drivers/eventually.ts";

export const extensionId = "inferno.inferno-workbench";

export function ourExtension(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension(extensionId);
  if (extension === undefined) throw new Error(`${extensionId} is not installed in this editor`);
  return extension;
}

/** The open folder, which the runner made for this suite. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error("The suite needs a folder");
  return folder.uri;
}

/** Writes a file into the open folder and shows it. */
export async function showFile(name: string, text: string): Promise<vscode.TextDocument> {
  const uri = vscode.Uri.joinPath(workspaceFolder(), name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

export async function replaceText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error(`The edit of ${document.uri.fsPath} was refused`);
}

/** Diagnostics of a document, once they satisfy `wanted`. */
export async function diagnosticsWhere(
  document: vscode.TextDocument,
  wanted: (diagnostics: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  return await eventually(`the wanted diagnostics of ${document.fileName}`, () => {
    const found = vscode.languages.getDiagnostics(document.uri);
    return Promise.resolve(wanted(found) ? found : undefined);
  });
}

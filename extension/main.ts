import type * as vscode from "vscode";
import { createExtension } from "./create.ts";

/** VS Code calls this when an inferno.yaml is opened, a view of ours is shown or a command of ours is run. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(createExtension(context.extensionUri));
}

import * as vscode from "vscode";
import { statusView, type StatusInput } from "./status-text.ts";

const colors = {
  none: undefined,
  warning: new vscode.ThemeColor("statusBarItem.warningBackground"),
  error: new vscode.ThemeColor("statusBarItem.errorBackground"),
} as const;

/** Shows the status at the window's foot; a click opens the actions. */
export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("inferno.status", vscode.StatusBarAlignment.Right, 50);

  constructor() {
    this.#item.name = "Inferno";
    this.#item.command = "inferno.showActions";
  }

  show(input: Omit<StatusInput, "t">): void {
    const { text, label, tooltip, severity } = statusView({ ...input, t: vscode.l10n.t });
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.backgroundColor = colors[severity];
    this.#item.accessibilityInformation = { label };
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}


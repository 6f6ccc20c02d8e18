import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import type { z } from "zod";
import { DisposableStore } from "../../base/disposable.ts";
import { webviewPage } from "./page.ts";

export interface PanelOptions<In> {
  readonly name: "playground" | "flame" | "tokens";
  /** A webview that VS Code made for a custom editor, or what to make one of. */
  readonly place: vscode.WebviewPanel | { readonly title: string; readonly icon: vscode.Uri; readonly column: vscode.ViewColumn };
  /** dist/webviews, the only folder that the page may load from. */
  readonly folder: vscode.Uri;
  readonly incoming: z.ZodType<In>;
  readonly onMessage: (message: In) => void;
  readonly onClosed: () => void;
  readonly log: vscode.LogOutputChannel;
}

/** One webview with one of our pages. Its script is not kept while hidden: what it needs again, it saves itself. */
export class Panel<In, Out> implements vscode.Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #store = new DisposableStore();

  constructor({ name, place, folder, incoming, onMessage, onClosed, log }: PanelOptions<In>) {
    this.#panel = "webview" in place ? place : vscode.window.createWebviewPanel(`inferno.${name}`, place.title, place.column);
    this.#panel.webview.options = { enableScripts: true, localResourceRoots: [folder] };
    if (!("webview" in place)) this.#panel.iconPath = place.icon;
    this.#store.add(this.#panel.webview.onDidReceiveMessage((raw: unknown) => {
      const message = incoming.safeParse(raw);
      if (message.success) onMessage(message.data);
      else log.warn(`The ${name} panel sent something that is no message: ${message.error.message}`);
    }));
    this.#panel.onDidDispose(() => {
      this.#store.dispose();
      onClosed();
    });
    this.#load(name, folder).catch((error: unknown) => log.error(`The ${name} panel cannot be shown: ${String(error)}`));
  }

  post(message: Out): void {
    // A panel that was closed meanwhile needs no answer.
    if (!this.#store.disposed) void this.#panel.webview.postMessage(message);
  }

  reveal(): void {
    this.#panel.reveal();
  }

  dispose(): void {
    this.#panel.dispose();
  }

  async #load(name: string, folder: vscode.Uri): Promise<void> {
    const html = await readFile(vscode.Uri.joinPath(folder, `${name}.html`).fsPath, "utf8");
    const { webview } = this.#panel;
    webview.html = webviewPage({
      html,
      addressOf: (file) => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString(),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString("base64"),
    });
  }
}

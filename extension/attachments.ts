import * as vscode from "vscode";
import { DisposableStore } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import type { Client } from "../protocol/client/index.ts";
import { InfernoError } from "../protocol/errors.ts";
import { configFiles } from "./config-files.ts";
import { setting } from "./settings.ts";

export interface AttachmentsOptions {
  readonly running: () => Client | null;
  readonly log: vscode.LogOutputChannel;
}

/** Gives the daemon the workspace's configuration files: when it starts, when a file is saved, and when trust or settings change. */
export class Attachments implements vscode.Disposable {
  /** The daemon serves other models now. */
  readonly onAttached = new Emitter<void>();
  readonly #options: AttachmentsOptions;
  readonly #store = new DisposableStore();
  /** Problems that were shown, by file: saving the same mistake twice needs no second message. */
  readonly #shown = new Map<string, string>();

  constructor(options: AttachmentsOptions) {
    this.#options = options;
    this.#store.add(vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (currentFiles().includes(uri.fsPath)) void this.attach();
    }));
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.attach()));
    this.#store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.attach()));
    this.#store.add(vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("inferno.daemon.config")) void this.attach();
    }));
  }

  /** A configuration that is refused leaves the daemon with the models that it had; the person is told. */
  async attach(): Promise<void> {
    const client = this.#options.running();
    if (client === null) return;
    for (const config of currentFiles()) {
      try {
        const { models } = await client.call("attach", { body: { pid: process.pid, config } });
        this.#shown.delete(config);
        this.#options.log.info(`${config} is in use; models: ${models.join(", ")}.`);
      } catch (cause) {
        void this.#show(config, InfernoError.from(cause));
      }
    }
    this.onAttached.emit();
  }

  dispose(): void {
    this.#store.dispose();
    this.onAttached.dispose();
  }

  async #show(config: string, error: InfernoError): Promise<void> {
    this.#options.log.error(`${config} was refused: ${error.message} (${error.code})`);
    if (this.#shown.get(config) === error.message) return;
    this.#shown.set(config, error.message);
    const open = vscode.l10n.t("Open File");
    // The button is the hint for a file with mistakes: it underlines them.
    const message = error.code === "config_invalid" ? error.message : `${error.message} ${error.hint}`;
    if ((await vscode.window.showErrorMessage(message, open)) !== open) return;
    await vscode.window.showTextDocument(vscode.Uri.file(config));
  }
}

const currentFiles = () => configFiles({
  setting: setting("daemon.config"),
  folders: (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath),
  trusted: vscode.workspace.isTrusted,
});

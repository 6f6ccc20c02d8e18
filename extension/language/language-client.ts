import * as vscode from "vscode";
import { LanguageClient, TransportKind, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { DisposableStore } from "../../base/disposable.ts";
import { languageId } from "../../protocol/commands.ts";

export interface LanguageFeaturesOptions {
  /** The built language server, dist/server.mjs. */
  readonly program: string;
  readonly log: vscode.LogOutputChannel;
}

/** Runs the language server from the first configuration file that is opened on. */
export class LanguageFeatures implements vscode.Disposable {
  readonly #options: LanguageFeaturesOptions;
  readonly #store = new DisposableStore();
  #client: LanguageClient | null = null;

  constructor(options: LanguageFeaturesOptions) {
    this.#options = options;
    this.#store.add(vscode.workspace.onDidOpenTextDocument((document) => this.#see(document)));
    // The server was told not to touch the paths of the workspace; it is told anew.
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#restart()));
    for (const document of vscode.workspace.textDocuments) this.#see(document);
  }

  dispose(): void {
    this.#store.dispose();
    const client = this.#client;
    this.#client = null;
    if (client !== null) void this.#logged(client.stop());
  }

  #see(document: vscode.TextDocument): void {
    if (this.#client !== null || document.languageId !== languageId) return;
    this.#client = createClient(this.#options);
    void this.#logged(this.#client.start());
  }

  async #restart(): Promise<void> {
    if (this.#client !== null) await this.#logged(this.#client.restart());
  }

  async #logged(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#options.log.error(`Language server: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function createClient({ program, log }: LanguageFeaturesOptions): LanguageClient {
  const server: ServerOptions = {
    command: process.execPath,
    args: [program],
    transport: TransportKind.stdio,
    options: { env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" } },
  };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: languageId, scheme: "file" }, { language: languageId, scheme: "untitled" }],
    initializationOptions: () => ({ readFiles: vscode.workspace.isTrusted, commands: true }),
    outputChannel: log,
  };
  return new LanguageClient("inferno", vscode.l10n.t("Inferno Language Server"), server, options);
}

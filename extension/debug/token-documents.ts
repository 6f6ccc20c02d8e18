import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../base/disposable.ts";
import { tokenDocument } from "../../protocol/debugger.ts";

/** The editor has been seen to take 100 ms for a new text; whoever waits for it waits no longer than this. */
const longestWaitMs = 1000;

/** Read-only documents with the tokens of branches. They stay readable when their debug session is over. */
export class TokenDocuments implements Disposable {
  readonly #texts = new Map<string, string>();
  readonly #folders = new Set<string>();
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());

  constructor() {
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(tokenDocument.scheme, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? vscode.l10n.t("The debug session of these tokens is over."),
    }));
    this.#store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (vscode.debug.activeDebugSession === undefined) this.#texts.delete(uri.toString());
    }));
  }

  /** A folder of this name for the documents of one session, numbered where another session has it already. */
  claim(name: string): { readonly folder: string; readonly release: () => void } {
    let folder = name;
    for (let number = 2; this.#folders.has(folder); number += 1) folder = `${name} (${number})`;
    this.#folders.add(folder);
    return { folder, release: () => void this.#folders.delete(folder) };
  }

  /** Resolves when an open document has the text. */
  async show(address: string, text: string): Promise<void> {
    const uri = vscode.Uri.parse(address);
    const key = uri.toString();
    if (this.#texts.get(key) === text) return;
    this.#texts.set(key, text);
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
    if (open === undefined) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        listening.dispose();
        resolve();
      };
      const timer = setTimeout(done, longestWaitMs);
      const listening = vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document === open) done();
      });
      this.#changed.fire(uri);
    });
  }

  dispose(): void {
    this.#store.dispose();
  }
}

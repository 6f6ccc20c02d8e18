import { basename } from "node:path";
import * as vscode from "vscode";
import { traceEditors } from "../../protocol/editors.ts";
import { FlameFileSession } from "../../protocol/panels/flame-file-session.ts";
import { openTraceFile } from "../../protocol/panels/flame-open-file.ts";
import { FromFlame, type ToFlame } from "../../protocol/panels/flame.ts";
import { Panel } from "../panels/panel.ts";
import { openSource } from "./file-source.ts";

export interface TraceEditorOptions {
  readonly folder: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
}

/** Shows trace files in the Flame panel. They are only read: a recording is not edited. */
class TraceEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #options: TraceEditorOptions;

  constructor(options: TraceEditorOptions) {
    this.#options = options;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => {} };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, place: vscode.WebviewPanel): void {
    const { folder, log } = this.#options;
    const session = new FlameFileSession({
      open: async () => {
        const source = await openSource(uri);
        try {
          return await openTraceFile(source, { name: basename(uri.path) });
        } catch (error) {
          await source.close();
          throw error;
        }
      },
      post: (message) => panel.post(message),
      copy: (text) => vscode.env.clipboard.writeText(text),
    });
    const failed = (error: unknown) => log.error(String(error));
    const panel: Panel<FromFlame, ToFlame> = new Panel({
      name: "flame", place, folder, incoming: FromFlame, log,
      onMessage: (message) => void session.receive(message).catch(failed),
      onClosed: () => void session.dispose().catch(failed),
    });
  }
}

/** One editor for our format, which opens by itself, and one for those of other programs, which is offered. */
export function registerTraceEditors(options: TraceEditorOptions): vscode.Disposable {
  const provider = new TraceEditor(options);
  return vscode.Disposable.from(...Object.keys(traceEditors).map((id) => vscode.window.registerCustomEditorProvider(id, provider, { supportsMultipleEditorsPerDocument: true })));
}

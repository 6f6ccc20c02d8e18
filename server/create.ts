import {
  DidChangeWatchedFilesNotification, TextDocumentSyncKind, TextDocuments, type Connection, type InitializeParams, type InitializeResult,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Timer } from "../base/timer.ts";
import { codeLenses } from "./features/code-lens.ts";
import { complete } from "./features/completion.ts";
import { diagnose } from "./features/diagnostics.ts";
import { hover } from "./features/hover.ts";
import { ManifestChecker } from "./features/manifest-diagnostics.ts";
import { GraphFiles } from "./features/onnx/graph-files.ts";
import { SourceChecker } from "./features/source-diagnostics.ts";
import type { Cancellation, World } from "./features/workspace.ts";
import { YamlService } from "./features/yaml-service.ts";
import { ValidationQueue } from "./validation.ts";

export interface ServerParts {
  readonly connection: Connection;
  readonly disk: World;
  readonly timer: Timer;
  readonly version: string;
}

/** Files that configurations and manifests name, whose coming and going changes what is wrong with them. */
const watched = "**/{*.gguf,*.onnx,*.model.yaml,*.model.yml,tokenizer.json}";

/** Wires the features to one LSP connection. The caller listens on it. */
export function createServer({ connection, disk, timer, version }: ServerParts): void {
  const documents = new TextDocuments(TextDocument);
  const world = switchable(disk);
  const yaml = new YamlService((message) => connection.console.error(message));
  const graphs = new GraphFiles(world);
  const checkers = { yaml, sources: new SourceChecker(world, graphs), manifests: new ManifestChecker(world, graphs) };
  const queue = new ValidationQueue(timer, validate, (error) => connection.console.error(`A check failed: ${String(error)}`));
  let watchesFiles = false;

  async function validate(uri: string, cancellation: Cancellation): Promise<void> {
    const document = documents.get(uri);
    if (document === undefined) return;
    const { version } = document;
    const diagnostics = await diagnose(checkers, document, cancellation);
    if (!cancellation.isCancellationRequested) await connection.sendDiagnostics({ uri, version, diagnostics: [...diagnostics] });
  }

  const validateAll = () => {
    for (const uri of documents.keys()) queue.schedule(uri);
  };

  connection.onInitialize((params): InitializeResult => {
    world.allowed = optionOf(params, "readFiles") !== false;
    watchesFiles = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
    return {
      serverInfo: { name: "inferno", version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        completionProvider: { triggerCharacters: [" ", "/", ":"] },
        hoverProvider: true,
        ...(optionOf(params, "commands") === true && { codeLensProvider: {} }),
      },
    };
  });
  connection.onInitialized(async () => {
    if (!watchesFiles) return;
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: watched }] });
  });
  connection.onDidChangeWatchedFiles(validateAll);
  connection.onCompletion(async ({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    return document === undefined ? null : [...(await complete({ yaml, world }, document, position))];
  });
  connection.onHover(async ({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    return document === undefined ? null : await hover(yaml, document, position);
  });
  connection.onCodeLens(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    return document === undefined ? [] : codeLenses(document);
  });
  connection.onShutdown(() => queue.dispose());

  documents.onDidChangeContent(({ document }) => queue.schedule(document.uri));
  documents.onDidSave(validateAll);
  documents.onDidClose(({ document }) => {
    queue.cancel(document.uri);
    yaml.close(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  documents.listen(connection);
}

/** What an editor says when it starts the server: `readFiles: false` for a folder that the person does not trust, whose paths then stay inert; `commands: true` where Inferno's commands are. */
function optionOf({ initializationOptions }: InitializeParams, name: "readFiles" | "commands"): unknown {
  const options: unknown = initializationOptions;
  return typeof options === "object" && options !== null ? Reflect.get(options, name) : undefined;
}

/** The same world; while not allowed, no path means anything in it. */
function switchable(world: World): World & { allowed: boolean } {
  const result = { ...world, allowed: true };
  result.resolve = (uri, path) => (result.allowed ? world.resolve(uri, path) : undefined);
  return result;
}

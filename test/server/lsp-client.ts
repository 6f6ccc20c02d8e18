import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import {
  CompletionRequest, createProtocolConnection, DidChangeTextDocumentNotification, DidChangeWatchedFilesNotification, DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification, ExitNotification, FileChangeType, HoverRequest, InitializedNotification, InitializeRequest, PublishDiagnosticsNotification,
  RegistrationRequest, ShutdownRequest, type CompletionItem, type InitializeResult, type Position, type PublishDiagnosticsParams,
} from "vscode-languageserver/node";

export interface LspClientOptions {
  /** File of the server: the source or the bundle. */
  readonly program: string;
  readonly initializationOptions?: Readonly<Record<string, unknown>>;
}

/** An editor as far as the language server can see: starts it, speaks LSP over its stdio, and keeps what it publishes. */
export class LspClient {
  readonly #child;
  readonly #connection;
  readonly #published: PublishDiagnosticsParams[] = [];
  readonly #waiting = new Set<() => void>();
  readonly registrations: string[] = [];
  readonly exited: Promise<number | null>;

  private constructor({ program }: LspClientOptions) {
    this.#child = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.exited = once(this.#child, "exit").then(([code]) => code as number | null);
    this.#connection = createProtocolConnection(this.#child.stdout, this.#child.stdin);
    this.#connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.#published.push(params);
      for (const wake of [...this.#waiting]) wake();
    });
    this.#connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registrations.push(...registrations.map(({ method }) => method));
    });
    this.#connection.listen();
  }

  static async start(options: LspClientOptions): Promise<{ client: LspClient; initialized: InitializeResult }> {
    const client = new LspClient(options);
    const initialized = await client.#connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      ...noFolder,
      capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
      initializationOptions: options.initializationOptions,
    });
    await client.#connection.sendNotification(InitializedNotification.type, {});
    return { client, initialized };
  }

  async open(path: string, text: string, version = 1): Promise<void> {
    await this.#connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: { uri: uriOf(path), languageId: "inferno", version, text } });
  }

  /** Replaces the text between two positions, as typing does. */
  async edit(path: string, version: number, start: Position, end: Position, text: string): Promise<void> {
    await this.#connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: uriOf(path), version }, contentChanges: [{ range: { start, end }, text }],
    });
  }

  async close(path: string): Promise<void> {
    await this.#connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri: uriOf(path) } });
  }

  async fileChanged(path: string): Promise<void> {
    await this.#connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [{ uri: uriOf(path), type: FileChangeType.Changed }] });
  }

  async complete(path: string, position: Position): Promise<readonly CompletionItem[]> {
    const found = await this.#connection.sendRequest(CompletionRequest.type, { textDocument: { uri: uriOf(path) }, position });
    return Array.isArray(found) ? found : (found?.items ?? []);
  }

  async hover(path: string, position: Position): Promise<string> {
    const found = await this.#connection.sendRequest(HoverRequest.type, { textDocument: { uri: uriOf(path) }, position });
    const contents = found?.contents;
    return typeof contents === "object" && "value" in contents ? contents.value : "";
  }

  /** The next publication for this document, in order; waits for one when all have been taken. */
  async published(path: string): Promise<PublishDiagnosticsParams> {
    for (;;) {
      const index = this.#published.findIndex(({ uri }) => uri === uriOf(path));
      if (index >= 0) return this.#published.splice(index, 1)[0]!;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** The codes of the next publication. */
  async codes(path: string): Promise<unknown[]> {
    return (await this.published(path)).diagnostics.map(({ code }) => code);
  }

  async shutdown(): Promise<void> {
    await this.#connection.sendRequest(ShutdownRequest.type);
  }

  async exit(): Promise<number | null> {
    await this.#connection.sendNotification(ExitNotification.type);
    return await this.exited;
  }

  /** Closes the server's input, as an editor does that crashes. */
  async hangUp(): Promise<number | null> {
    this.#child.stdin.end();
    return await this.exited;
  }

  /** Bytes as they are, past the protocol. */
  write(bytes: string): void {
    this.#child.stdin.write(bytes);
  }

  kill(): void {
    this.#connection.dispose();
    this.#child.kill("SIGKILL");
  }
}

/** LSP wants the field; its type calls it deprecated. */
const noFolder = { rootUri: null, workspaceFolders: null };

const uriOf = (path: string) => pathToFileURL(path).toString();

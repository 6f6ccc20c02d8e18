import type { Diagnostic } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Document } from "yaml";
import { errorTable, type ErrorCode } from "../../protocol/errors.ts";
import { manifestName } from "../../protocol/manifest.ts";
import { isRemote, undownloadable } from "../../protocol/remote-source.ts";
import { kindOf } from "./document-kind.ts";
import { checkGguf } from "./gguf/check-gguf.ts";
import type { GraphFiles } from "./onnx/graph-files.ts";
import { sourceEntries, type SourceEntry } from "./parse.ts";
import { problem } from "./problem.ts";
import { SeenFiles } from "./seen-files.ts";
import type { Cancellation, FileFacts, World } from "./workspace.ts";

type FileProblem = { readonly code: Extract<ErrorCode, "model_file_missing" | "model_file_invalid" | "model_download_failed">; readonly reason: string; readonly hint?: string } | null;

/** Checks the files that `source` names. */
export class SourceChecker {
  readonly #world: World;
  readonly #graphs: GraphFiles;
  readonly #gguf = new SeenFiles<string | null>();

  constructor(world: World, graphs: GraphFiles) {
    this.#world = world;
    this.#graphs = graphs;
  }

  async diagnostics(document: TextDocument, yaml: Document, cancellation: Cancellation): Promise<readonly Diagnostic[]> {
    const found: Diagnostic[] = [];
    for (const entry of sourceEntries(document, yaml)) {
      const wrong = await this.#checkEntry(document.uri, entry, cancellation);
      if (wrong === null) continue;
      found.push(problem(entry.range, wrong.code, `${wrong.reason} ${wrong.hint ?? errorTable[wrong.code].hint}`));
    }
    return found;
  }

  async #checkEntry(uri: string, { path, model }: SourceEntry, cancellation: Cancellation): Promise<FileProblem> {
    if (isRemote(path)) {
      const reason = undownloadable(path);
      return reason === null ? null : { code: "model_download_failed", reason: reason.message, hint: reason.hint };
    }
    const absolute = this.#world.resolve(uri, path);
    return absolute === undefined ? null : await this.#checkFile(absolute, model, cancellation);
  }

  async #checkFile(path: string, model: string, cancellation: Cancellation): Promise<FileProblem> {
    try {
      const facts = await this.#world.stat(path);
      if (facts === undefined) return { code: "model_file_missing", reason: `The file of model \`${model}\` does not exist: ${path}.` };
      if (facts.kind === "folder") return await this.#checkFolder(path, model);
      if (facts.kind === "other") return { code: "model_file_invalid", reason: `The source of model \`${model}\` is not a regular file: ${path}.` };
      // A manifest is checked where it is opened.
      return kindOf(path) === "manifest" ? null : await this.#checkContent(path, model, facts, cancellation);
    } catch (error) {
      if (cancellation.isCancellationRequested) throw error;
      return { code: "model_file_missing", reason: `The file of model \`${model}\` cannot be read (${error instanceof Error ? error.message : String(error)}).` };
    }
  }

  async #checkFolder(path: string, model: string): Promise<FileProblem> {
    const manifest = await this.#world.stat(`${path}/${manifestName}`);
    if (manifest?.kind === "file") return null;
    return {
      code: "model_file_missing", reason: `The source of model \`${model}\` is a folder without an \`${manifestName}\`: ${path}.`,
      hint: "`inferno models add FOLDER` writes one for an ONNX model; of a GGUF model name the file.",
    };
  }

  async #checkContent(path: string, model: string, facts: FileFacts, cancellation: Cancellation): Promise<FileProblem> {
    const onnx = /\.onnx$/i.test(path);
    const reason = onnx ? await this.#graphs.names(path, facts, cancellation) : await this.#gguf.get(path, facts, async () =>
      await checkGguf({ size: facts.size, read: (offset, length) => this.#world.read(path, offset, length), cancellation }));
    return typeof reason === "string" ? { code: "model_file_invalid", reason: `The file of model \`${model}\` is not a valid ${onnx ? "ONNX file" : "GGUF"}: ${reason}.` } : null;
  }
}

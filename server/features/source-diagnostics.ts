import type { Diagnostic } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Document } from "yaml";
import { errorTable, type ErrorCode } from "../../protocol/errors.ts";
import { checkGguf } from "./gguf/check-gguf.ts";
import { sourceEntries, type SourceEntry } from "./parse.ts";
import { problem } from "./problem.ts";
import type { Cancellation, FileFacts, World } from "./workspace.ts";

type FileProblem = { readonly code: Extract<ErrorCode, "model_file_missing" | "model_file_invalid">; readonly reason: string } | null;

/** Checks the files that `source` names. What was read of a file is kept until its size or time changes. */
export class SourceChecker {
  readonly #world: World;
  readonly #seen = new Map<string, { readonly facts: FileFacts; readonly result: FileProblem }>();

  constructor(world: World) {
    this.#world = world;
  }

  async diagnostics(document: TextDocument, yaml: Document, cancellation: Cancellation): Promise<readonly Diagnostic[]> {
    const found: Diagnostic[] = [];
    for (const entry of sourceEntries(document, yaml)) {
      const wrong = await this.#checkEntry(document.uri, entry, cancellation);
      if (wrong === null) continue;
      found.push(problem(entry.range, wrong.code, `${wrong.reason} ${errorTable[wrong.code].hint}`));
    }
    return found;
  }

  async #checkEntry(uri: string, { path, model }: SourceEntry, cancellation: Cancellation): Promise<FileProblem> {
    if (isRemote(path)) return null;
    const absolute = this.#world.resolve(uri, path);
    return absolute === undefined ? null : await this.#checkFile(absolute, model, cancellation);
  }

  async #checkFile(path: string, model: string, cancellation: Cancellation): Promise<FileProblem> {
    let facts: FileFacts | undefined;
    try {
      facts = await this.#world.stat(path);
      if (facts === undefined) return { code: "model_file_missing", reason: `The file of model \`${model}\` does not exist: ${path}.` };
      if (facts.kind === "folder") return { code: "model_file_missing", reason: `The source of model \`${model}\` is a folder, not a GGUF file: ${path}.` };
      if (facts.kind === "other") return { code: "model_file_invalid", reason: `The source of model \`${model}\` is not a regular file: ${path}.` };
      return await this.#checkContent(path, model, facts, cancellation);
    } catch (error) {
      if (cancellation.isCancellationRequested) throw error;
      return { code: "model_file_missing", reason: `The file of model \`${model}\` cannot be read (${error instanceof Error ? error.message : String(error)}).` };
    }
  }

  async #checkContent(path: string, model: string, facts: FileFacts, cancellation: Cancellation): Promise<FileProblem> {
    const known = this.#seen.get(path);
    if (known?.facts.size === facts.size && known.facts.modifiedMs === facts.modifiedMs) return known.result;
    const reason = await checkGguf({ size: facts.size, read: (offset, length) => this.#world.read(path, offset, length), cancellation });
    const result: FileProblem = reason === null ? null : { code: "model_file_invalid", reason: `The file of model \`${model}\` is not a valid GGUF: ${reason}.` };
    this.#seen.set(path, { facts, result });
    return result;
  }
}

/** A source that the daemon downloads. Everything else is a path. */
export const isRemote = (source: string) => source.startsWith("hf:");

import type { Diagnostic } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Document } from "yaml";
import { errorTable } from "../../protocol/errors.ts";
import { findingsOf, sentenceOf } from "../../protocol/findings.ts";
import { filesOf, graphProblems, schemaOfTask, type Named } from "../../protocol/manifest-check.ts";
import type { Manifest } from "../../protocol/manifest.ts";
import type { GraphFiles } from "./onnx/graph-files.ts";
import { rangeAt, type Path } from "./place.ts";
import { problem } from "./problem.ts";
import type { Cancellation, FileFacts, World } from "./workspace.ts";

/** Checks `inferno.model.yaml` as the daemon does: the schema of its task, the files that it names, the tensors of its graph. */
export class ManifestChecker {
  readonly #world: World;
  readonly #graphs: GraphFiles;

  constructor(world: World, graphs: GraphFiles) {
    this.#world = world;
    this.#graphs = graphs;
  }

  async diagnostics(document: TextDocument, yaml: Document, cancellation: Cancellation): Promise<readonly Diagnostic[]> {
    const at = (path: Path, message: string, ofKey = false): Diagnostic => problem(rangeAt(document, yaml, path, ofKey), "manifest_invalid", message);
    const value: unknown = yaml.toJS() ?? {};
    const schema = schemaOfTask(typeof value === "object" && value !== null && "task" in value ? value.task : undefined);
    if (typeof schema === "string") return [at(["task"], schema)];
    const parsed = schema.safeParse(value);
    if (!parsed.success) return findingsOf(parsed.error, schema).map((finding) => at(finding.path, sentenceOf(finding), finding.ofKey));
    // As the daemon, which looks for files once the rest is right.
    const found = await Promise.all(filesOf(parsed.data).map(async (file) => await this.#checkFile(document.uri, file)));
    const missing = found.flatMap((reason) => (reason === null ? [] : [at(reason.path, reason.message)]));
    const tensors = await this.#checkGraph(document.uri, parsed.data, cancellation);
    return [...missing, ...tensors.map(({ path, message }) => at(path, message))];
  }

  async #checkFile(uri: string, { path, name }: Named): Promise<{ readonly path: Path; readonly message: string } | null> {
    const absolute = this.#world.resolve(uri, name);
    if (absolute === undefined) return null;
    const reason = await this.#unreadable(absolute);
    return reason === null ? null : { path, message: `${absolute} ${reason}. Paths in a manifest are relative to it.` };
  }

  async #unreadable(absolute: string): Promise<string | null> {
    try {
      const facts = await this.#world.stat(absolute);
      if (facts === undefined) return "does not exist";
      return facts.kind === "file" ? null : "is not a file";
    } catch (error) {
      return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
    }
  }

  /** Only tasks of one graph name tensors, and that graph is `model`. */
  async #checkGraph(uri: string, manifest: Manifest, cancellation: Cancellation): Promise<readonly { readonly path: Path; readonly message: string }[]> {
    if (!("model" in manifest)) return [];
    const absolute = this.#world.resolve(uri, manifest.model);
    const facts = absolute === undefined ? undefined : await this.#factsOf(absolute);
    if (absolute === undefined || facts?.kind !== "file") return [];
    try {
      const names = await this.#graphs.names(absolute, facts, cancellation);
      if (names === null) return [];
      if (typeof names === "string") return [{ path: ["model"], message: `${absolute} is not a valid ONNX file: ${names}. ${errorTable.model_file_invalid.hint}` }];
      return graphProblems(manifest, names);
    } catch (error) {
      if (cancellation.isCancellationRequested) throw error;
      return [{ path: ["model"], message: `${absolute} cannot be read (${error instanceof Error ? error.message : String(error)}).` }];
    }
  }

  async #factsOf(absolute: string): Promise<FileFacts | undefined> {
    try {
      return await this.#world.stat(absolute);
    } catch {
      // The check of files has said so.
      return undefined;
    }
  }
}

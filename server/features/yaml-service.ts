import { getLanguageService, type LanguageService } from "yaml-language-server";
import { TextDocument } from "vscode-languageserver-textdocument";
import { editorSchemas, schemaNameOf } from "./schema.ts";

/** yaml-language-server as a library, set up with our schemas and no network. */
export class YamlService {
  /** Counts for all services: the library has one cache of documents per process. */
  static #lastVersion = 0;
  readonly #service: LanguageService;
  readonly #versions = new Map<string, { text: string; copy: TextDocument }>();

  constructor(onError: (message: string) => void) {
    const schemas = editorSchemas();
    this.#service = getLanguageService({
      // A file may name another schema for other editors (`# yaml-language-server: $schema=…`): here it always gets ours, and nothing is fetched.
      schemaRequestService: () => Promise.resolve(JSON.stringify(schemas.get("config"))),
      workspaceContext: { resolveRelativePath: (path) => path },
      // The library swallows its own exceptions and reports them here.
      telemetry: { send: () => undefined, sendTrack: () => undefined, sendError: (name, error) => onError(`${name}: ${String(error)}`) },
    });
    this.#service.configure({
      validate: true, hover: true, completion: true, format: false, yamlVersion: "1.2", hoverSchemaSource: false, hoverAnchor: false,
      schemas: [...schemas].map(([name, schema]) => ({ uri: `inferno:///schemas/${name}.json`, fileMatch: [addressOf(name, "*")], schema })),
    });
  }

  validate(document: TextDocument) {
    return this.#service.doValidation(this.#copyOf(document), false);
  }

  complete(document: TextDocument, position: { line: number; character: number }) {
    return this.#service.doComplete(this.#copyOf(document), position, false);
  }

  hover(document: TextDocument, position: { line: number; character: number }) {
    return this.#service.doHover(this.#copyOf(document), position);
  }

  /** Forgets a closed document. */
  close(uri: string): void {
    this.#versions.delete(uri);
  }

  /** The library caches by uri and version. A document that was closed and opened again begins at version 1 anew, so it gets versions of ours. */
  #copyOf(document: TextDocument): TextDocument {
    const text = document.getText();
    const known = this.#versions.get(document.uri);
    if (known?.text === text) return known.copy;
    YamlService.#lastVersion += 1;
    const address = addressOf(schemaNameOf(document.uri, text), String(YamlService.#lastVersion));
    const copy = TextDocument.create(address, document.languageId, YamlService.#lastVersion, text);
    this.#versions.set(document.uri, { text, copy });
    return copy;
  }
}

/** The library chooses a schema by a document's address: copies have one that says which. */
const addressOf = (schema: string, version: string): string => `inferno:///${schema}/documents/${version}.yaml`;

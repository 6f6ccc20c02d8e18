import type { Diagnostic } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { kindOf } from "./document-kind.ts";
import type { ManifestChecker } from "./manifest-diagnostics.ts";
import { parse } from "./parse.ts";
import { schemaDiagnostics } from "./schema-diagnostics.ts";
import type { SourceChecker } from "./source-diagnostics.ts";
import type { Cancellation } from "./workspace.ts";
import type { YamlService } from "./yaml-service.ts";

export interface Checkers {
  readonly yaml: YamlService;
  readonly sources: SourceChecker;
  readonly manifests: ManifestChecker;
}

/** Everything that is wrong with a document. While its YAML is broken, only that: what the parser guesses after an error would be noise. */
export async function diagnose({ yaml, sources, manifests }: Checkers, document: TextDocument, cancellation: Cancellation): Promise<readonly Diagnostic[]> {
  const parsed = parse(document);
  if (parsed.problems.length > 0) return parsed.problems;
  if (kindOf(document.uri) === "manifest") return parsed.yaml === null ? [] : await manifests.diagnostics(document, parsed.yaml, cancellation);
  const fromSchema = await schemaDiagnostics(yaml, document);
  const fromFiles = parsed.yaml === null ? [] : await sources.diagnostics(document, parsed.yaml, cancellation);
  return [...fromSchema, ...fromFiles];
}

import type { Diagnostic } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "./parse.ts";
import { schemaDiagnostics } from "./schema-diagnostics.ts";
import type { SourceChecker } from "./source-diagnostics.ts";
import type { Cancellation } from "./workspace.ts";
import type { YamlService } from "./yaml-service.ts";

/** Everything that is wrong with a document. While its YAML is broken, only that: what the parser guesses after an error would be noise. */
export async function diagnose(
  services: { readonly yaml: YamlService; readonly sources: SourceChecker }, document: TextDocument, cancellation: Cancellation,
): Promise<readonly Diagnostic[]> {
  const parsed = parse(document);
  if (parsed.problems.length > 0) return parsed.problems;
  const fromSchema = await schemaDiagnostics(services.yaml, document);
  const fromFiles = parsed.yaml === null ? [] : await services.sources.diagnostics(document, parsed.yaml, cancellation);
  return [...fromSchema, ...fromFiles];
}

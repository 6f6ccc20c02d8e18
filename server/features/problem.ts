import { DiagnosticSeverity, type Diagnostic, type Range } from "vscode-languageserver";
import type { ErrorCode } from "../../protocol/errors.ts";

/** `yaml_syntax` is the one problem that the daemon has no code of its own for: to it the file is `config_invalid` or `manifest_invalid`. */
type ProblemCode = Extract<ErrorCode, "config_invalid" | "manifest_invalid" | "model_file_missing" | "model_file_invalid" | "model_download_failed"> | "yaml_syntax";

/** All are errors: the daemon refuses a file that has one. */
export function problem(range: Range, code: ProblemCode, message: string): Diagnostic {
  return { range, severity: DiagnosticSeverity.Error, code, source: "inferno", message };
}

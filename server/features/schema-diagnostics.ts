import type { Diagnostic, Range } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { nearest } from "../../base/near.ts";
import { problem } from "./problem.ts";
import type { YamlService } from "./yaml-service.ts";

/** Unknown keys, wrong types and values out of range, from the schema. */
export async function schemaDiagnostics(service: YamlService, document: TextDocument): Promise<readonly Diagnostic[]> {
  const found = await service.validate(document);
  return found.map((diagnostic) => {
    const text = typeof diagnostic.message === "string" ? diagnostic.message : diagnostic.message.value;
    const range = shown(document, diagnostic.range);
    // The library's own hints, such as an anchor that nothing uses, keep their severity: the daemon does not mind them.
    if (diagnostic.source === "YAML") return { ...diagnostic, range, source: "inferno", code: "yaml_syntax" };
    return problem(range, "config_invalid", explain(text, diagnostic.data));
  });
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text", integer: "a whole number", number: "a number", boolean: "`true` or `false`", array: "a list", object: "a map of keys to values",
  Model: "a model: a map with at least `source`",
};

/** The library's message in this project's words: what is wrong, and what would be right. */
export function explain(message: string, data: unknown): string {
  const unknown = /^Property (.+) is not allowed\.$/.exec(message)?.[1];
  if (unknown !== undefined) return explainUnknownKey(unknown, stringsIn(data, "properties"));
  const missing = /^Missing property "(.+)"\.$/.exec(message)?.[1];
  if (missing !== undefined) return `The key \`${missing}\` is missing here.`;
  const type = /^Incorrect type\. Expected "(?:object\()?(.+?)\)?"\.$/.exec(message)?.[1];
  if (type !== undefined) return `Wrong type: this has to be ${typeNames[type] ?? type}.`;
  const least = /^Value is below the minimum of (.+)\.$/.exec(message)?.[1];
  if (least !== undefined) return `Too small: at least ${least}.`;
  const most = /^Value is above the maximum of (.+)\.$/.exec(message)?.[1];
  if (most !== undefined) return `Too large: at most ${most}.`;
  const length = /^String is shorter than the minimum length of (.+)\.$/.exec(message)?.[1];
  if (length !== undefined) return length === "1" ? "This must not be empty." : `Too short: at least ${length} characters.`;
  const values = stringsIn(data, "values");
  if (message.startsWith("Value is not accepted") && values.length > 0) return `Not one of the allowed values: ${quoted(values)}.`;
  return message;
}

function explainUnknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant !== undefined) return `Unknown key \`${key}\`. Did you mean \`${meant}\`?`;
  return known.length === 0 ? `Unknown key \`${key}\`.` : `Unknown key \`${key}\`. Possible here: ${quoted(known)}.`;
}

function stringsIn(data: unknown, key: string): readonly string[] {
  const list: unknown = typeof data === "object" && data !== null ? Reflect.get(data, key) : undefined;
  return Array.isArray(list) ? list.map(String) : [];
}

const quoted = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(", ");

/** Within the text: the library counts line ends as columns. An absent value has no extent; its key shows it. */
function shown(document: TextDocument, range: Range): Range {
  const start = document.positionAt(document.offsetAt(range.start));
  const end = document.positionAt(document.offsetAt(range.end));
  if (start.line !== end.line || start.character !== end.character) return { start, end };
  const line = document.getText({ start: { line: start.line, character: 0 }, end: start });
  return { start: { line: start.line, character: line.length - line.trimStart().length }, end };
}

import { CompletionItemKind, type CompletionItem, type Position } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "./parse.ts";
import { isRemote } from "./source-diagnostics.ts";
import type { World } from "./workspace.ts";
import type { YamlService } from "./yaml-service.ts";

/** Keys and values from the schema; behind `source:`, the GGUF files that are there. */
export async function complete(
  services: { readonly yaml: YamlService; readonly world: World }, document: TextDocument, position: Position,
): Promise<readonly CompletionItem[]> {
  const typed = typedSource(document, position);
  if (typed !== null) return await completeSource(services.world, document, position, typed);
  if (!parse(document).walkable) return [];
  const { items } = await services.yaml.complete(document, position);
  // The library also offers each whole object under its type's name, which here would only repeat its first key.
  return items.filter(({ kind }) => kind !== CompletionItemKind.Class);
}

/** What stands between `source:` and the cursor; null when the cursor is elsewhere. */
export function typedSource(document: TextDocument, position: Position): string | null {
  const before = document.getText({ start: { line: position.line, character: 0 }, end: position });
  return /(?:^|[\s{,])source:[ \t]+["']?([^"'#,}]*)$/.exec(before)?.[1] ?? null;
}

async function completeSource(world: World, document: TextDocument, position: Position, typed: string): Promise<readonly CompletionItem[]> {
  if (isRemote(typed)) return [];
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  const absolute = world.resolve(document.uri, folder === "" ? "." : folder);
  const entries = absolute === undefined ? [] : await world.list(absolute);
  const start = { line: position.line, character: position.character - (typed.length - folder.length) };
  const item = (name: string, kind: CompletionItemKind): CompletionItem => ({ label: name, kind, textEdit: { range: { start, end: position }, newText: name } });
  return entries
    .filter(({ name, folder: isFolder }) => !name.startsWith(".") && (isFolder || name.toLowerCase().endsWith(".gguf")))
    .map(({ name, folder: isFolder }) => (isFolder ? item(`${name}/`, CompletionItemKind.Folder) : item(name, CompletionItemKind.File)));
}

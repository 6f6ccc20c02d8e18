import { CompletionItemKind, type CompletionItem, type Position } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { isRemote } from "../../protocol/remote-source.ts";
import { kindOf, type DocumentKind } from "./document-kind.ts";
import { parse } from "./parse.ts";
import type { World } from "./workspace.ts";
import type { YamlService } from "./yaml-service.ts";

/** Keys behind which a file's name stands, and which files those are. */
const fileKeys: Readonly<Record<DocumentKind, readonly { readonly key: string; readonly names: RegExp }[]>> = {
  config: [{ key: "source", names: /\.(gguf|onnx|model\.ya?ml)$/i }],
  manifest: [
    { key: "model|encoder|decoder", names: /\.onnx$/i },
    { key: "tokenizer", names: /\.json$/i },
    { key: "labels|characters", names: /\.(json|txt)$/i },
  ],
};

interface Typed {
  readonly text: string;
  readonly names: RegExp;
}

/** Keys and values from the schema; behind keys of files, those that are there. */
export async function complete(
  services: { readonly yaml: YamlService; readonly world: World }, document: TextDocument, position: Position,
): Promise<readonly CompletionItem[]> {
  const typed = typedFile(document, position);
  if (typed !== null) return await completeFile(services.world, document, position, typed);
  if (!parse(document).walkable) return [];
  const { items } = await services.yaml.complete(document, position);
  // The library also offers each whole object under its type's name, which here would only repeat its first key.
  return items.filter(({ kind }) => kind !== CompletionItemKind.Class);
}

/** What stands between such a key and the cursor; null when the cursor is elsewhere. */
function typedFile(document: TextDocument, position: Position): Typed | null {
  const before = document.getText({ start: { line: position.line, character: 0 }, end: position });
  for (const { key, names } of fileKeys[kindOf(document.uri)]) {
    const text = new RegExp(`(?:^|[\\s{,])(?:${key}):[ \\t]+["']?([^"'#,}[]*)$`).exec(before)?.[1];
    if (text !== undefined) return { text, names };
  }
  return null;
}

async function completeFile(world: World, document: TextDocument, position: Position, { text: typed, names }: Typed): Promise<readonly CompletionItem[]> {
  if (isRemote(typed)) return [];
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  const absolute = world.resolve(document.uri, folder === "" ? "." : folder);
  const entries = absolute === undefined ? [] : await world.list(absolute);
  const start = { line: position.line, character: position.character - (typed.length - folder.length) };
  const item = (name: string, kind: CompletionItemKind): CompletionItem => ({ label: name, kind, textEdit: { range: { start, end: position }, newText: name } });
  return entries
    .filter(({ name, folder: isFolder }) => !name.startsWith(".") && (isFolder || names.test(name)))
    .map(({ name, folder: isFolder }) => (isFolder ? item(`${name}/`, CompletionItemKind.Folder) : item(name, CompletionItemKind.File)));
}

import type { Hover, Position } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "./parse.ts";
import type { YamlService } from "./yaml-service.ts";

/** What the schema says of the key or value under the pointer. */
export async function hover(service: YamlService, document: TextDocument, position: Position): Promise<Hover | null> {
  return parse(document).walkable ? await service.hover(document, position) : null;
}

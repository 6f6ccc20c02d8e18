import type { CodeLens } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { CommandId } from "../../protocol/commands.ts";
import { kindOf } from "./document-kind.ts";
import { modelNames, parse } from "./parse.ts";

const offered = [["Chat", "inferno.newChat"], ["Profile operations", "inferno.profileOperations"]] as const satisfies readonly (readonly [string, CommandId])[];

/** Above each model of a configuration, what an editor that has Inferno's commands can do with it. */
export function codeLenses(document: TextDocument): CodeLens[] {
  const { yaml } = parse(document);
  if (yaml === null || kindOf(document.uri) !== "config") return [];
  return modelNames(document, yaml).flatMap(({ name, range }) => offered.map(([title, command]) => ({ range, command: { title, command, arguments: [name] } })));
}

import ts from "typescript";
import { isGenerated, type SourceFile } from "./source-files.ts";

/** Bad patterns and how often each may occur. The numbers only ever go down; all start at 0. */
export const allowed: Readonly<Record<Pattern, number>> = {
  "any": 0,
  "as unknown as": 0,
  "@ts- comment": 0,
  "lint switched off": 0,
  "unfinished business": 0,
  "file over 400 lines": 0,
  "enum or namespace": 0,
};

export type Pattern =
  | "any"
  | "as unknown as"
  | "@ts- comment"
  | "lint switched off"
  | "unfinished business"
  | "file over 400 lines"
  | "enum or namespace";

export interface Finding {
  readonly pattern: Pattern;
  readonly place: string;
}

/** Written with a gap, so that this file does not find itself. */
const inText: readonly (readonly [Pattern, RegExp])[] = [
  ["@ts- comment", /@ts-(?:ignore|nocheck|expect-error)\b/g],
  ["lint switched off", /\beslint[-]disable/g],
  ["unfinished business", /\b(?:TO[D]O|FIX[M]E|HA[C]K|XX[X])\b/g],
];

export function findings({ path, text }: SourceFile): Finding[] {
  const lines = text.split("\n").length - 1;
  const found: Finding[] = lines > 400 && !isGenerated(path) ? [{ pattern: "file over 400 lines", place: `${path} (${lines})` }] : [];
  for (const [pattern, regex] of inText) {
    for (const match of text.matchAll(regex)) found.push({ pattern, place: `${path}:${lineOf(text, match.index)}` });
  }
  if (/\.tsx?$/.test(path)) found.push(...inSyntax(path, text));
  return found;
}

/** `any` in a comment or a string is no offence, so these are read off the syntax tree. */
function inSyntax(path: string, text: string): Finding[] {
  const kind = path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, kind);
  const found: Finding[] = [];
  const note = (pattern: Pattern, node: ts.Node): void => {
    found.push({ pattern, place: `${path}:${lineOf(text, node.end)}` });
  };
  const visit = (node: ts.Node, ambient: boolean): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) note("any", node);
    if (ts.isAsExpression(node) && ts.isAsExpression(node.expression) &&
      node.expression.type.kind === ts.SyntaxKind.UnknownKeyword) note("as unknown as", node);
    const describes = ambient || (ts.isModuleDeclaration(node) && isDeclared(node));
    if (!describes && (ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node))) note("enum or namespace", node);
    ts.forEachChild(node, (child) => visit(child, describes));
  };
  visit(source, false);
  return found;
}

/** `declare global` and `declare module "x"` describe what others made. */
const isDeclared = (node: ts.ModuleDeclaration): boolean =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false;

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;

import type { Range } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { isAlias, isCollection, isMap, isNode, isScalar, type Document, type Node } from "yaml";
import { rangeOf } from "./parse.ts";

export type Path = readonly PropertyKey[];

/**
 * The value at this path, or its key. What is not there is shown where it would be missed: at the key of the map around it, in the first level at the
 * first line. Values that come through an alias are shown where the alias stands.
 */
export function rangeAt(document: TextDocument, yaml: Document, path: Path, ofKey = false): Range {
  let node: unknown = yaml.contents;
  let shown: Node | null = null;
  for (const [depth, step] of path.entries()) {
    const target = isAlias(node) ? node.resolve(yaml) : node;
    if (!isCollection(target)) break;
    const last = depth === path.length - 1;
    const pair = isMap(target) ? target.items.find(({ key }) => isScalar(key) && String(key.value) === String(step)) : undefined;
    const value: unknown = isMap(target) ? pair?.value : target.get(Number(step), true);
    if (pair === undefined && value === undefined) break;
    const key = isNode(pair?.key) ? pair.key : null;
    node = value;
    // A map or a list is too much to mark: its key stands for it.
    const whole = isScalar(value) || isAlias(value) || (last && key === null);
    shown = !(last && ofKey) && whole && isNode(value) && !isEmpty(value) ? value : (key ?? shown);
    if (isAlias(value)) break;
  }
  return shown === null ? firstLine(document, yaml) : rangeOf(document, shown.range);
}

/** `key:` with nothing behind it. */
const isEmpty = (node: Node): boolean => isScalar(node) && node.value === null && node.range !== undefined && node.range?.[0] === node.range?.[1];

function firstLine(document: TextDocument, yaml: Document): Range {
  const offset = yaml.contents?.range?.[0] ?? 0;
  const text = document.getText().slice(offset);
  return rangeOf(document, [offset, offset + Math.max(1, text.search(/\r?\n|$/))]);
}

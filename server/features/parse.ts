import type { Diagnostic, Range } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { isAlias, isCollection, isMap, isNode, isPair, isScalar, parseAllDocuments, type Alias, type Document, type Node, type Pair } from "yaml";
import { problem } from "./problem.ts";

/** Larger files are no configuration: checking them would only keep the editor waiting. */
const mostCharacters = 1_000_000;
/** A few nested aliases can stand for billions of nodes; this many are more than any configuration has. */
const mostNodes = 100_000;
/** The deepest setting is 4 levels down; recursion stays far from the stack's end. */
const mostLevels = 100;
/** One slip often breaks every line after it. */
const mostProblems = 20;

export interface Parsed {
  /** Null when the text holds no single YAML document. */
  readonly yaml: Document | null;
  readonly problems: readonly Diagnostic[];
  /** Whether one may walk through the values and follow aliases: not when that would never end. */
  readonly walkable: boolean;
}

export function parse(document: TextDocument): Parsed {
  const text = document.getText();
  const refuse = (range: Range, message: string): Parsed => ({ yaml: null, walkable: false, problems: [problem(range, "yaml_syntax", message)] });
  if (text.length > mostCharacters) return refuse(firstLine(document), `This file is too large to be a configuration: ${text.length} characters, at most ${mostCharacters}.`);

  const documents = parseAllDocuments(text, { prettyErrors: false });
  // The parser turns the end of its stack into an error like any other.
  if (documents.some((yaml) => yaml.errors.some(({ code }) => code === "RESOURCE_EXHAUSTION"))) return refuse(firstLine(document), tooDeep);
  for (const yaml of documents) {
    const bad = unwalkable(yaml);
    if (bad !== null) return refuse(rangeOf(document, bad.node.range), bad.message);
  }
  const errors = documents.flatMap((yaml) => yaml.errors);
  if (errors.length > 0) {
    const problems = errors.map(({ pos, message }) => problem(rangeOf(document, wholeWord(text, pos)), "yaml_syntax", endSentence(message)));
    return { yaml: null, walkable: true, problems: withoutRepetition(problems) };
  }
  const [yaml, second] = documents;
  if (second === undefined) return { yaml: yaml ?? null, walkable: true, problems: [] };
  const message = "One file holds one configuration: remove this second document, which `---` begins.";
  return { yaml: null, walkable: true, problems: [problem(rangeOf(document, second.range), "yaml_syntax", message)] };
}

const tooDeep = "This file is nested too deeply to be a configuration.";

function withoutRepetition(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  const first = problems.filter(({ range: { start } }) => seen.size < seen.add(`${start.line}:${start.character}`).size);
  return first.slice(0, mostProblems);
}

/** A node of this document as a range of its text. */
export function rangeOf(document: TextDocument, range: readonly [number, number, ...number[]] | null | undefined): Range {
  const text = document.getText();
  let [start, end] = range ?? [0, 0];
  // A place without visible text, such as the end of the file, is shown on the last character before it.
  if (/^[\r\n]*$/.test(text.slice(start, end))) {
    start = Math.max(0, text.slice(0, start + 1).trimEnd().length - 1);
    end = start + 1;
  }
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

/** The parser marks some errors by the first character only. */
function wholeWord(text: string, [start, end]: readonly [number, number]): readonly [number, number] {
  const word = end - start === 1 ? /^[\w.-]+/.exec(text.slice(start, start + 100))?.[0] : undefined;
  return [start, start + Math.max(end - start, word?.length ?? 0)];
}

function firstLine(document: TextDocument): Range {
  return { start: { line: 0, character: 0 }, end: document.positionAt(Math.max(1, document.getText().search(/\r?\n|$/))) };
}

interface Finding { readonly node: Node; readonly message: string }

const hasText = (key: Node) => isAlias(key) || (isScalar(key) && key.value !== null);

/** What makes walking through the values impossible or endless: an alias within itself or of nothing, a key without text, too many values or levels. */
function unwalkable(yaml: Document): Finding | null {
  const sizes = new Map<Node, number>();
  const open = new Set<Node>();
  let found: Finding | null = null;
  const report = (node: Node, message: string): number => {
    found ??= { node, message };
    return 1;
  };
  const sizeOf = (node: unknown): number => {
    if (isPair(node)) {
      if (isNode(node.key) && !hasText(node.key)) report(node.key, "A key has to be a text.");
      return sizeOf(node.key) + sizeOf(node.value);
    }
    if (isAlias(node)) return sizeOfAlias(node);
    if (!isCollection(node)) return 1;
    const known = sizes.get(node);
    if (known !== undefined) return known;
    if (open.size === mostLevels) return report(node, tooDeep);
    open.add(node);
    const size = node.items.reduce<number>((sum, item) => sum + sizeOf(item), 1);
    open.delete(node);
    sizes.set(node, size);
    return size > mostNodes ? report(node, `This stands for ${size} values; at most ${mostNodes} are read.`) : size;
  };
  const sizeOfAlias = (alias: Alias): number => {
    const target = alias.resolve(yaml);
    if (target === undefined) return report(alias, `The alias \`*${alias.source}\` has no anchor \`&${alias.source}\` before it.`);
    return open.has(target) ? report(alias, `The alias \`*${alias.source}\` stands inside the value that it repeats.`) : sizeOf(target);
  };
  sizeOf(yaml.contents);
  return found;
}

/** A `source` of a model, with the name and the place of its value. */
export interface SourceEntry {
  readonly model: string;
  readonly path: string;
  readonly range: Range;
}

const follow = (node: unknown, yaml: Document): unknown => (isAlias(node) ? node.resolve(yaml) : node);

/** The pairs below `models`. */
function modelPairs(yaml: Document): readonly Pair[] {
  const models = isMap(yaml.contents) ? follow(yaml.contents.get("models", true), yaml) : undefined;
  return isMap(models) ? models.items : [];
}

/** The models that a configuration declares, and where their names stand. */
export function modelNames(document: TextDocument, yaml: Document): readonly { readonly name: string; readonly range: Range }[] {
  return modelPairs(yaml).flatMap(({ key }) => (isScalar(key) && typeof key.value === "string" ? [{ name: key.value, range: rangeOf(document, key.range) }] : []));
}

/** Every `models.<alias>.source` that is a text; anything else is the schema's business. */
export function sourceEntries(document: TextDocument, yaml: Document): readonly SourceEntry[] {
  return modelPairs(yaml).flatMap(({ key, value }) => {
    const model = follow(value, yaml);
    const node = isMap(model) ? model.get("source", true) : undefined;
    const source = follow(node, yaml);
    if (!isScalar(source) || typeof source.value !== "string" || source.value === "") return [];
    const place = isScalar(node) || isAlias(node) ? node.range : source.range;
    return [{ model: isScalar(key) ? String(key.value) : "?", path: source.value, range: rangeOf(document, place) }];
  });
}

const endSentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

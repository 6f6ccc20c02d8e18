import { isMap, isScalar, LineCounter, parseDocument, visit, type Document, type Node } from "yaml";
import type { z } from "zod";
import { InfernoError, type ErrorCode } from "../../protocol/errors.ts";
import { findingsOf, sentenceOf } from "../../protocol/findings.ts";

/** A file in which nothing is right has thousands, and an error is read by people. */
const mostFindings = 10;

/** A YAML file with a schema: `path` names the place in messages, `code` is that of the errors. Every finding is told as `file:line:column: key: what`. */
export class YamlFile {
  readonly #path: string;
  readonly #code: ErrorCode;
  readonly #document: Document;
  readonly #lines = new LineCounter();
  readonly #value: unknown;

  /** Throws for text that is not YAML. */
  constructor(text: string, path: string, code: ErrorCode) {
    this.#path = path;
    this.#code = code;
    // The library compares every key with every other one: a list of 50,000 took it 20 s.
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false });
    this.#document = document;
    const syntax = document.errors.map((error) => ({ offset: error.pos[0], message: error.message }));
    this.#refuse(syntax.length > 0 ? syntax : this.#repeatedKeys());
    // An empty file is an empty configuration, not null.
    this.#value = this.#plainValue() ?? {};
  }

  #refuse(found: readonly { readonly offset: number; readonly message: string }[]): void {
    if (found.length === 0) return;
    const lines = found.slice(0, mostFindings).map(({ offset, message }) => `${this.#at(offset)}: ${message}`);
    throw new InfernoError(this.#code, [...lines, ...(found.length > mostFindings ? [`… and ${found.length - mostFindings} more.`] : [])].join("\n"));
  }

  #repeatedKeys(): { offset: number; message: string }[] {
    const found: { offset: number; message: string }[] = [];
    visit(this.#document, {
      Map: (_, { items }) => {
        const seen = new Set<unknown>();
        for (const { key } of items) {
          const name = isScalar(key) ? key.value : key;
          if (seen.has(name)) found.push({ offset: startOf(key) ?? 0, message: "Map keys must be unique" });
          seen.add(name);
        }
      },
    });
    return found;
  }

  #plainValue(): unknown {
    try {
      return this.#document.toJS();
    } catch (cause) {
      // Such as aliases that expand beyond all bounds.
      throw new InfernoError(this.#code, `${this.#path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  /** The file as this schema has it. */
  parse<T>(schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(this.#value);
    if (parsed.success) return parsed.data;
    const findings = findingsOf(parsed.error, schema);
    const lines = findings.map((finding) => `${this.#at(this.#offsetOf(finding.path, finding.ofKey))}: ${sentenceOf(finding)}`);
    throw new InfernoError(this.#code, lines.join("\n"), { param: findings[0]?.key });
  }

  /** One value of the file's first level, as it is written. */
  first(key: string): unknown {
    return typeof this.#value === "object" && this.#value !== null && Object.hasOwn(this.#value, key) ? (this.#value as Record<string, unknown>)[key] : undefined;
  }

  /** `file:line:column` of the value at this key, or of the file where it is absent. */
  placeOf(path: readonly PropertyKey[]): string {
    return this.#at(this.#offsetOf(path));
  }

  /** The same of the first value that is this text. */
  placeOfText(text: string): string {
    let place = this.#path;
    visit(this.#document, {
      Scalar: (_, { value, range }) => {
        if (value !== text || !range) return undefined;
        place = this.#at(range[0]);
        return visit.BREAK;
      },
    });
    return place;
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#path}:${line}:${col}`;
  }

  /** Where the value at this path begins (or its key); the nearest parent's place when it is missing. */
  #offsetOf(path: readonly PropertyKey[], ofKey = false): number {
    let node: unknown = this.#document.contents;
    let offset = startOf(node) ?? 0;
    for (const [depth, step] of path.entries()) {
      if (!isMap(node)) {
        node = this.#document.getIn(path.slice(0, depth + 1), true);
      } else {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
        const last = depth === path.length - 1;
        node = last && (ofKey || startOf(pair?.value) === undefined) ? pair?.key : pair?.value;
      }
      offset = startOf(node) ?? offset;
    }
    return offset;
  }
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

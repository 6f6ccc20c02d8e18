import type { SpanAttributes } from "../trace.ts";
import { packAttributes, type AttributeTable } from "./flame-attributes.ts";

/** What is needed of a span; `Span` of the protocol has it. */
export interface SpanLike {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly attributes?: SpanAttributes;
}

/** The spans of a trace as columns, in the order in which they were recorded. */
export interface SpanColumns {
  readonly count: number;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  /** Place in `names` and `bases`. */
  readonly name: Uint32Array;
  /** What stands on the span: its name, and for an operation which one. */
  readonly names: readonly string[];
  /** The span's own name, by which the span table knows it. */
  readonly bases: readonly string[];
  /** Place of the parent, -1 where there is none. */
  readonly parent: Int32Array;
  readonly attributes: AttributeTable;
  /** Place in `lanes` of the request, sequence or thread that the span belongs to; null where all belong to one. */
  readonly lane: Uint32Array | null;
  readonly lanes: readonly string[];
}

export function columnsOf(spans: readonly SpanLike[]): SpanColumns {
  const count = spans.length;
  const [startUs, endUs, name] = [new Float64Array(count), new Float64Array(count), new Uint32Array(count)];
  const names = new NameTable();
  for (let at = 0; at < count; at++) {
    const span = spans[at]!;
    startUs[at] = span.startUs;
    endUs[at] = span.startUs + span.durationUs;
    name[at] = span.name === "operation" ? names.place(operationName(span.name, span.attributes), span.name) : names.place(span.name, span.name);
  }
  return { count, startUs, endUs, name, names: names.names, bases: names.bases, parent: parentsOf(spans), attributes: packAttributes(spans), lane: null, lanes: [] };
}

/** Operations are told apart by what they do; where they are, their `name` says. */
export function operationName(name: string, attributes: SpanAttributes | undefined): string {
  const operator = attributes?.operator;
  return typeof operator === "string" && operator !== "" ? operator : name;
}

/** Names by place: a name and its base are one entry. */
export class NameTable {
  readonly names: string[] = [];
  readonly bases: string[] = [];
  readonly #places = new Map<string, Map<string, number>>();
  #last: readonly [name: string, base: string, place: number] | null = null;

  place(name: string, base: string): number {
    // Neighbours often have the same name.
    if (this.#last !== null && this.#last[0] === name && this.#last[1] === base) return this.#last[2];
    let places = this.#places.get(base);
    if (places === undefined) this.#places.set(base, (places = new Map<string, number>()));
    let place = places.get(name);
    if (place === undefined) {
      places.set(name, (place = this.names.length));
      this.names.push(name);
      this.bases.push(base);
    }
    this.#last = [name, base, place];
    return place;
  }
}

/** Each span's parent as a place in the same list; -1 for a root and for a parent that is not there. */
function parentsOf(spans: readonly SpanLike[]): Int32Array {
  const wanted = new Map<string, number>();
  // Most spans are nobody's parent. What an id ends with and how long it is rules nearly all of them out, which is much cheaper than looking up a million texts.
  const likely = new Uint8Array(4096);
  let last: string | null = null;
  for (const { parentId } of spans) {
    // Neighbours mostly share their parent.
    if (parentId === last || parentId === null) continue;
    wanted.set((last = parentId), -1);
    likely[sketch(parentId)] = 1;
  }
  for (let at = 0; at < spans.length; at++) {
    const { id } = spans[at]!;
    if (likely[sketch(id)] === 1 && wanted.has(id)) wanted.set(id, at);
  }
  const parent = new Int32Array(spans.length);
  let [lastId, lastPlace]: [string | null, number] = [null, -1];
  for (let at = 0; at < spans.length; at++) {
    const { parentId } = spans[at]!;
    if (parentId !== lastId) [lastId, lastPlace] = [parentId, parentId === null ? -1 : (wanted.get(parentId) ?? -1)];
    parent[at] = lastPlace === at ? -1 : lastPlace;
  }
  return parent;
}

const sketch = (id: string): number => ((id.length & 31) << 7) | (id.charCodeAt(id.length - 1) & 127);

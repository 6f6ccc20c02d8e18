import type { SpanAttributes } from "../trace.ts";

type Value = SpanAttributes[string];

/**
 * The attributes of many spans as columns: a million small objects would take a hundred bytes each before the first value.
 * Numbers stand as they are; texts and booleans once, in a list.
 */
export interface AttributeTable {
  /** Where the pairs of a span begin; one more than there are spans. */
  readonly offsets: Uint32Array;
  /** Of each pair: place in `keys`. */
  readonly key: Uint16Array;
  readonly keys: readonly string[];
  /** Of each pair: the number, or the place in `others` where `isOther`. */
  readonly value: Float64Array;
  readonly isOther: Uint8Array;
  readonly others: readonly (string | boolean)[];
}

/** More different keys than any tool writes; what a broken file has beyond is left out. */
const mostKeys = 65_535;

export function packAttributes(spans: readonly { readonly attributes?: SpanAttributes | undefined }[]): AttributeTable {
  const offsets = new Uint32Array(spans.length + 1);
  const keys = new Map<string, number>();
  const others = new Map<string | boolean, number>();
  let pairs = { key: new Uint16Array(spans.length * 2), value: new Float64Array(spans.length * 2), isOther: new Uint8Array(spans.length * 2) };
  let count = 0;
  for (let span = 0; span < spans.length; span++) {
    const attributes = spans[span]!.attributes ?? {};
    // `for in` and not Object.entries: no array for each of a million spans.
    for (const name in attributes) {
      const key = placeOf(name, keys);
      if (key >= mostKeys) continue;
      if (count === pairs.key.length) pairs = grown(pairs, count * 2 + 16);
      const value = attributes[name]!;
      const other = typeof value !== "number";
      pairs.key[count] = key;
      pairs.isOther[count] = other ? 1 : 0;
      pairs.value[count++] = other ? placeOf(value, others) : value;
    }
    offsets[span + 1] = count;
  }
  const { key, value, isOther } = count === pairs.key.length ? pairs : grown(pairs, count);
  return { offsets, key, value, isOther, keys: [...keys.keys()], others: [...others.keys()] };
}

function grown({ key, value, isOther }: { key: Uint16Array<ArrayBuffer>; value: Float64Array<ArrayBuffer>; isOther: Uint8Array<ArrayBuffer> }, size: number) {
  const bigger = { key: new Uint16Array(size), value: new Float64Array(size), isOther: new Uint8Array(size) };
  bigger.key.set(key.subarray(0, size));
  bigger.value.set(value.subarray(0, size));
  bigger.isOther.set(isOther.subarray(0, size));
  return bigger;
}

function placeOf<T>(item: T, places: Map<T, number>): number {
  const known = places.get(item);
  if (known !== undefined) return known;
  places.set(item, places.size);
  return places.size - 1;
}

const valueAt = (table: AttributeTable, pair: number): Value => (table.isOther[pair] === 1 ? table.others[table.value[pair]!]! : table.value[pair]!);

export function attributesOf(table: AttributeTable, span: number): [key: string, value: Value][] {
  const pairs: [string, Value][] = [];
  for (let pair = table.offsets[span]!; pair < table.offsets[span + 1]!; pair++) pairs.push([table.keys[table.key[pair]!]!, valueAt(table, pair)]);
  return pairs;
}

/** One attribute of one span; undefined where it has none of this name. */
export function attributeOf(table: AttributeTable, span: number, name: string): Value | undefined {
  const key = table.keys.indexOf(name);
  if (key === -1) return undefined;
  for (let pair = table.offsets[span]!; pair < table.offsets[span + 1]!; pair++) if (table.key[pair] === key) return valueAt(table, pair);
  return undefined;
}

export function numberOf(table: AttributeTable, span: number, name: string): number | null {
  const value = attributeOf(table, span, name);
  return typeof value === "number" ? value : null;
}

export const attributeText = (key: string, value: Value): string => `${key}=${String(value)}`;

/** As one line, for tables. */
export const attributeLine = (table: AttributeTable, span: number): string => attributesOf(table, span).map(([key, value]) => attributeText(key, value)).join("  ");

/** Two tables one after the other: the spans of the second follow those of the first. */
export function joinAttributes(first: AttributeTable, second: AttributeTable): AttributeTable {
  const keys = new Map(first.keys.map((key, place) => [key, place]));
  const keyPlaces = second.keys.map((key) => placeOf(key, keys));
  const pairs = first.key.length + second.key.length;
  const spans = first.offsets.length - 1;
  const offsets = new Uint32Array(first.offsets.length + second.offsets.length - 1);
  offsets.set(first.offsets);
  for (let span = 1; span < second.offsets.length; span++) offsets[spans + span] = second.offsets[span]! + first.key.length;
  const [key, value, isOther] = [new Uint16Array(pairs), new Float64Array(pairs), new Uint8Array(pairs)];
  key.set(first.key);
  value.set(first.value);
  isOther.set(first.isOther);
  for (let pair = 0; pair < second.key.length; pair++) {
    const at = first.key.length + pair;
    key[at] = keyPlaces[second.key[pair]!]!;
    isOther[at] = second.isOther[pair]!;
    // Not by adding nothing: -0 would become 0.
    value[at] = second.isOther[pair] === 1 ? second.value[pair]! + first.others.length : second.value[pair]!;
  }
  return { offsets, key, value, isOther, keys: [...keys.keys()], others: [...first.others, ...second.others] };
}

import { attributeText, type AttributeTable } from "../../protocol/panels/flame-attributes.ts";
import { sourceOf, type Layout } from "./layout.ts";
import { PatternError } from "../../base/pattern/pattern-parse.ts";
import { Pattern } from "../../base/pattern/pattern.ts";

/** What was searched for. */
export interface Query {
  readonly text: string;
  readonly isPattern: boolean;
}

/** What a search found. */
export interface Hits {
  /** By index: 1 where the span matches. */
  readonly mask: Uint8Array;
  /** The matching indexes, in time order. */
  readonly found: Uint32Array;
}

export const noQuery: Query = { text: "", isPattern: false };

type Test = (text: string) => boolean;

/** The test that a query asks for; null for an empty one, and what is wrong with it as text. */
export function testOf({ text, isPattern }: Query): Test | null | { readonly problem: string } {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return null;
  if (!isPattern) return (candidate) => candidate.toLowerCase().includes(wanted);
  try {
    const pattern = new Pattern(text.trim());
    return (candidate) => pattern.test(candidate);
  } catch (error) {
    if (error instanceof PatternError) return { problem: `${error.message} (at ${error.at + 1})` };
    throw error;
  }
}

/** Spans whose name, or one of whose attributes as `key=value`, matches. */
export function search(layout: Layout, attributes: AttributeTable, matches: Test): Hits {
  const nameMatches = layout.names.map((name, place) => matches(name) || matches(layout.bases[place]!));
  const attributeMatches = attributeTest(attributes, matches);
  const mask = new Uint8Array(layout.count);
  for (let index = 0; index < layout.count; index++) {
    if (nameMatches[layout.name[index]!]! || attributeMatches(sourceOf(layout, index))) mask[index] = 1;
  }
  return hitsOf(mask);
}

export function hitsOf(mask: Uint8Array): Hits {
  let count = 0;
  for (const hit of mask) count += hit;
  const found = new Uint32Array(count);
  for (let index = 0, place = 0; index < mask.length; index++) if (mask[index] === 1) found[place++] = index;
  return { mask, found };
}

/** Values repeat a great deal: each is tested once as long as there are not too many different ones. */
function attributeTest(table: AttributeTable, matches: Test): (span: number) => boolean {
  const known = new Map<string | number, boolean>();
  return (span) => {
    for (let pair = table.offsets[span]!; pair < table.offsets[span + 1]!; pair++) {
      const key = table.key[pair]!;
      const value = table.value[pair]!;
      const id = table.isOther[pair] === 1 ? `${key}:${value}` : value + key * 2 ** 40;
      let hit = known.get(id);
      if (hit === undefined) {
        hit = matches(attributeText(table.keys[key]!, table.isOther[pair] === 1 ? table.others[value]! : value));
        if (known.size < 50_000 && (typeof id === "string" || (Number.isSafeInteger(value) && Math.abs(value) < 2 ** 39))) known.set(id, hit);
      }
      if (hit) return true;
    }
    return false;
  };
}

/** The match after (or before) the selected one, round the end. -1 when there is none. */
export function nextHit(hits: Hits, selected: number, step: -1 | 1): number {
  const { found } = hits;
  if (found.length === 0) return -1;
  const after = found.findIndex((index) => index > selected);
  const next = after === -1 ? found.length : after;
  if (step === 1) return found[next % found.length]!;
  const at = hits.mask[selected] === 1 ? next - 1 : next;
  return found[(at - 1 + found.length) % found.length]!;
}

/** Which match the selected span is, counted from 1; 0 when it is none. */
export const hitNumber = (hits: Hits, selected: number): number => (hits.mask[selected] === 1 ? hits.found.indexOf(selected) + 1 : 0);

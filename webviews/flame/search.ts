import type { Span } from "../../protocol/trace.ts";
import type { Layout } from "./layout.ts";

/** What a search found. */
export interface Hits {
  readonly query: string;
  /** By index: 1 where the span matches. */
  readonly mask: Uint8Array;
  /** The matching indexes, in time order. */
  readonly found: Uint32Array;
}

/** Spans whose name, or one of whose attributes as `key=value`, contains the query, in any case. Null for an empty query. */
export function search(layout: Layout, spans: readonly Span[], query: string): Hits | null {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return null;
  const nameMatches = layout.names.map((name) => name.toLowerCase().includes(wanted));
  const mask = new Uint8Array(layout.count);
  let count = 0;
  for (let index = 0; index < layout.count; index++) {
    if (!nameMatches[layout.name[index]!] && !attributesMatch(spans[layout.source[index]!]!, wanted)) continue;
    mask[index] = 1;
    count++;
  }
  const found = new Uint32Array(count);
  for (let index = 0, place = 0; index < layout.count; index++) if (mask[index] === 1) found[place++] = index;
  return { query: wanted, mask, found };
}

function attributesMatch(span: Span, wanted: string): boolean {
  for (const key in span.attributes) {
    if (`${key}=${String(span.attributes[key])}`.toLowerCase().includes(wanted)) return true;
  }
  return false;
}

/** The match after (or before) the selected span, round the end. -1 when there is none. */
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

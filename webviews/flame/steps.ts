import { numberOf, type AttributeTable } from "../../protocol/panels/flame-attributes.ts";
import { lazy } from "../../base/lazy.ts";
import { sourceOf, type Layout } from "./layout.ts";
import { percentiles } from "./ranks.ts";

/** The decode steps of a request, the prompt's chunks among them, in time order. */
export interface Steps {
  /** Indexes in the layout. */
  readonly at: Uint32Array;
  /** Median length of the decode steps and of the prompt's chunks. */
  readonly medianUs: { readonly decode: number; readonly prefill: number };
}

/** What is known of one step. What the recording does not say is null. */
export interface StepFacts {
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
  readonly name: "decode" | "prefill";
  readonly durationUs: number;
  /** Against the median of its kind: 0.1 is a tenth longer. */
  readonly against: number | null;
  readonly batch: number | null;
  readonly position: number | null;
  readonly tokens: number | null;
  readonly drafted: number | null;
  readonly accepted: number | null;
}

export function stepsOf(layout: Layout): Steps {
  const kinds = layout.bases.map((base) => (base === "decode" ? 1 : base === "prefill" ? 2 : 0));
  const counts = [0, 0, 0];
  for (let index = 0; index < layout.count; index++) counts[kinds[layout.name[index]!]!]!++;
  const at = new Uint32Array(counts[1]! + counts[2]!);
  let step = 0;
  for (let index = 0; index < layout.count; index++) if (kinds[layout.name[index]!]! !== 0) at[step++] = index;
  const median = (kind: number, size: number): number => {
    const lengths = new Float64Array(size);
    let filled = 0;
    for (const index of at) if (kinds[layout.name[index]!] === kind) lengths[filled++] = layout.endUs[index]! - layout.startUs[index]!;
    return percentiles(lengths, 0.5)[0] ?? 0;
  };
  const medianUs = lazy(() => ({ decode: median(1, counts[1]!), prefill: median(2, counts[2]!) }));
  return {
    at,
    get medianUs() {
      return medianUs();
    },
  };
}

/** The step that is selected, or in which the selected span lies, or else the last one that begins before this moment; -1 before the first. */
export function stepNear({ at }: Steps, layout: Layout, selected: number, us: number): number {
  for (let index = selected; index !== -1; index = layout.parent[index]!) {
    const place = lastNotAfter(at, index);
    if (at[place] === index) return place;
  }
  const moment = selected === -1 ? us : layout.startUs[selected]!;
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (layout.startUs[at[middle]!]! <= moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function lastNotAfter(at: Uint32Array, index: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at[middle]! <= index) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function factsOf(steps: Steps, layout: Layout, attributes: AttributeTable, place: number): StepFacts {
  const index = steps.at[place]!;
  const source = sourceOf(layout, index);
  const name = layout.bases[layout.name[index]!] === "prefill" ? "prefill" : "decode";
  const durationUs = layout.endUs[index]! - layout.startUs[index]!;
  const median = steps.medianUs[name];
  const fact = (key: string) => numberOf(attributes, source, key);
  return {
    number: place + 1, of: steps.at.length, name, durationUs, against: median > 0 ? durationUs / median - 1 : null,
    batch: fact("batch"), position: fact("position"), tokens: fact("tokens"), drafted: fact("drafted"), accepted: fact("accepted"),
  };
}

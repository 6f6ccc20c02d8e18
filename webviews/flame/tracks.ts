import { attributeOf } from "../../protocol/panels/flame-attributes.ts";
import type { SpanColumns } from "../../protocol/panels/flame-columns.ts";
import { kindOf } from "./kinds.ts";

/** A band of rows under one heading: a request's stages, what runs beside them, the operations of one layer. */
export interface Track {
  /** Names the track across layouts of the same trace, so that it stays folded. */
  readonly key: string;
  readonly kind: "stages" | "beside" | "operations" | "layer";
  /** Of a layer. */
  readonly layer: number | null;
  /** Which of the traces that are open together (0 or 1), or which of a file's lanes. */
  readonly trace: number;
}

const order: readonly Track["kind"][] = ["stages", "beside", "operations", "layer"];
/** `blk.3.attn_q` as GGUF names a layer's tensors; `/model/layers.3/…` as exporters to ONNX do. */
const layerPattern = /(?:^|[./_])(?:blk|layers?|block|h)[._](\d{1,4})(?=$|[./_])/;

export function layerOf(operation: string): number | null {
  const found = layerPattern.exec(operation);
  return found === null ? null : Number(found[1]);
}

/** The tracks in which spans are drawn, from the top, and each span's place in that list. `traceOf` is given where two traces are open together. */
export function tracksOf(columns: SpanColumns, traceOf: ((span: number) => number) | null): { readonly tracks: readonly Track[]; readonly of: Uint32Array } {
  const of = new Uint32Array(columns.count);
  const found: Track[] = [];
  const places = new Map<string, number>();
  const kinds = columns.bases.map(kindOf);
  const layers = new Map<unknown, number | null>();
  const place = (kind: Track["kind"], layer: number | null, trace: number) => {
    const key = `${trace}:${kind}${layer ?? ""}`;
    let known = places.get(key);
    if (known === undefined) {
      places.set(key, (known = found.length));
      found.push({ key, kind, layer, trace });
    }
    return known;
  };
  const stages: number[] = [];
  for (let span = 0; span < columns.count; span++) {
    const name = columns.name[span]!;
    const trace = traceOf?.(span) ?? 0;
    if (kinds[name] !== "beside") {
      of[span] = stages[trace] ??= place("stages", null, trace);
    } else if (columns.bases[name] !== "operation") {
      of[span] = place("beside", null, trace);
    } else {
      const operation = attributeOf(columns.attributes, span, "name");
      // llama.cpp's names do not begin with the layer; its profile says it.
      const told = attributeOf(columns.attributes, span, "layer");
      let layer = typeof told === "number" ? told : layers.get(operation);
      if (layer === undefined) layers.set(operation, (layer = typeof operation === "string" ? layerOf(operation) : null));
      of[span] = place(layer === null ? "operations" : "layer", layer, trace);
    }
  }
  const sorted = found.map((track, at) => ({ track, at })).sort((a, b) =>
    a.track.trace - b.track.trace || order.indexOf(a.track.kind) - order.indexOf(b.track.kind) || (a.track.layer ?? 0) - (b.track.layer ?? 0));
  const rank = new Uint32Array(found.length);
  sorted.forEach(({ at }, next) => (rank[at] = next));
  for (let span = 0; span < of.length; span++) of[span] = rank[of[span]!]!;
  return { tracks: sorted.map(({ track }) => track), of };
}

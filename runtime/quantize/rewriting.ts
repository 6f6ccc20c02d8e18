import { create } from "@bufbuild/protobuf";
import { OperatorSetIdProtoSchema, type NodeProto } from "onnx-buf";
import { InfernoError } from "../../protocol/errors.ts";
import type { ElementType } from "../onnx-file/element.ts";
import type { Values } from "../onnx-file/tensor.ts";
import type { Draft, Scope } from "./draft.ts";
import { lossOf, type Loss } from "./kernels/loss.ts";
import { transpose } from "./kernels/channels.ts";
import { selects, type Selection } from "./pattern.ts";
import { findSites, nodeName, type Site, type SiteKind, type Skipped } from "./sites.ts";
import { replaceNodes, sweep, usedNames } from "./sweep.ts";
import type { WeightStore } from "./weight-store.ts";

/** What became of a weight. */
export interface WeightNote {
  readonly weight: string;
  readonly form: WeightForm;
  readonly dims: readonly number[];
  readonly loss: Loss;
  /** Values that a half cannot hold, or that became 0. */
  readonly overflowed?: number | undefined;
  readonly vanished?: number | undefined;
}
export type WeightForm = "int8" | "int8 rows" | "int4" | "fp16" | "fp32";

/** A model on its way from one form to another. */
export interface Rewriting {
  readonly draft: Draft;
  readonly store: WeightStore;
  readonly notes: WeightNote[];
  readonly skipped: Skipped[];
  /** Between two weights: progress is shown, and whoever wants it to end throws here. */
  step(done: number, total: number): Promise<void>;
}

/** The nodes that take a node's place, or why it stays. */
export type RewriteSite = (site: Site) => readonly NodeProto[] | string;

/** Rewrites the chosen nodes of these kinds in all graphs, and removes the weights that are needed no more. */
export async function rewriteSites(rewriting: Rewriting, selection: Selection, kinds: readonly SiteKind[], rewrite: RewriteSite, where: (site: Site) => boolean = () => true): Promise<void> {
  const { draft, skipped } = rewriting;
  const usedBefore = usedNames(draft.model);
  const found = findSites(draft);
  const selected = selects(selection);
  for (const item of found.skipped) if (!skipped.some(({ node }) => node === item.node)) skipped.push(item);
  const sites = found.sites.filter((site) => kinds.includes(site.kind) && where(site));
  const replacements = new Map<Scope, Map<NodeProto, readonly NodeProto[]>>(draft.scopes.map((scope) => [scope, new Map()]));
  for (const [done, site] of sites.entries()) {
    await rewriting.step(done, sites.length);
    const wanted = selected(site.node.name, site.weight.tensor.name);
    const result = wanted ? rewrite(site) : "left out by --keep or --only";
    if (typeof result === "string") skipped.push({ node: nodeName(site.node), reason: result });
    else replacements.get(site.scope)?.set(site.node, result);
  }
  await rewriting.step(sites.length, sites.length);
  for (const [{ graph }, nodes] of replacements) replaceNodes(graph, nodes);
  sweep(draft.model, usedBefore);
}

/** The weight's values as the node multiplies with them, [K, N]. */
export function matrixOf({ store }: Rewriting, { weight, dims }: Site): Float32Array {
  const values = store.floats(weight.tensor);
  return weight.transposed ? transpose(values, dims[1] ?? 1, dims[0] ?? 1) : values;
}

/** The same by columns, [N, K]. */
export function columnsOf({ store }: Rewriting, { weight, dims }: Site): Float32Array {
  const values = store.floats(weight.tensor);
  return weight.transposed ? values : transpose(values, dims[0] ?? 1, dims[1] ?? 1);
}

/** The weight's own name; that of the value where a constant has none. */
export const weightName = ({ weight, node, kind }: Site): string => weight.tensor.name || node.input[kind === "gather" ? 0 : 1] || "weight";

export const notFinite = "its weight holds infinities or NaN";

/** Adds a tensor to the graph that holds the weight, so that all who share the weight share this too. Answers its name. */
export function addBeside(rewriting: Rewriting, site: Site, suffix: string, type: ElementType, dims: readonly number[], values: Values): string {
  return addTo(rewriting, site.weight.scope, `${weightName(site)}_${suffix}`, type, dims, values);
}

export function addTo({ draft, store }: Rewriting, scope: Scope, base: string, type: ElementType, dims: readonly number[], values: Values): string {
  const name = draft.fresh(base);
  draft.addInitializer(scope, store.make(name, type, dims, values));
  return name;
}

export function note(rewriting: Rewriting, site: Site, form: WeightForm, before: Float32Array, after: Float32Array): void {
  rewriting.notes.push({ weight: weightName(site), form, dims: site.weight.tensor.dims.map(Number), loss: lossOf(before, after) });
}

/** Something made once for each weight, in each way in which it is seen. */
export function oncePerWeight<T, More extends readonly unknown[]>(make: (site: Site, ...more: More) => T): (site: Site, ...more: More) => T {
  const made = new Map<unknown, Map<string, { readonly more: More; readonly made: T }>>();
  return (site, ...more) => {
    const ways = made.get(site.weight.tensor) ?? new Map<string, { readonly more: More; readonly made: T }>();
    made.set(site.weight.tensor, ways);
    const way = `${site.weight.transposed}`;
    const before = ways.get(way);
    if (before !== undefined && before.more.every((item, index) => item === more[index])) return before.made;
    const now = { more, made: make(site, ...more) };
    ways.set(way, now);
    return now.made;
  };
}

/** Throws `model_file_invalid` where the model's operators are older than these. */
export function needOpset(draft: Draft, least: number, what: string): void {
  const opset = draft.opset();
  if (opset >= least) return;
  throw new InfernoError("model_file_invalid", `The model uses version ${opset} of ONNX's operators; ${what} needs ${least}.`, { hint: `Export the model again with opset ${least} or later.` });
}

/** Declares the operators of onnxruntime's own set. */
export function importMicrosoft({ model }: Draft): void {
  if (model.opsetImport.some(({ domain }) => domain === "com.microsoft")) return;
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n }));
}

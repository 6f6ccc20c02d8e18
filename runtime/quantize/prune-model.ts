import { join } from "node:path";
import { InfernoError } from "../../protocol/errors.ts";
import type { ChannelStatistics } from "../backends/onnx/lab/questions.ts";
import type { Tensors } from "../backends/onnx/tensors.ts";
import { node, value } from "../onnx-file/build.ts";
import { elementType } from "../onnx-file/element.ts";
import { readModel, type OnnxModel } from "../onnx-file/model.ts";
import { writeModel } from "../onnx-file/write.ts";
import { Draft } from "./draft.ts";
import { findFfns, type Ffn } from "./ffn.ts";
import { observe } from "./forms.ts";
import { selects, type Selection } from "./pattern.ts";
import { channelScores, keptChannels, pruneFfn } from "./prune.ts";
import type { Lab } from "./quantize.ts";
import type { Rewriting } from "./rewriting.ts";
import { sweep, usedNames } from "./sweep.ts";
import { WeightStore } from "./weight-store.ts";

export interface PruneRequest {
  readonly ratio: number;
  readonly selection: Selection;
  readonly work: string;
  readonly inputs: readonly Tensors[];
  readonly threads: number;
  /** Whether channels are ranked by how strong they are on the inputs, which made-up ones say little of. */
  readonly measured: boolean;
}

/** What a network's channels are worth. */
export interface PrunedFfn {
  readonly name: string;
  readonly channels: number;
  readonly kept: number;
  /** Share of all channels' scores that went with the removed ones. */
  readonly lost: number;
  /** The worst output when this network alone is pruned; null inside sub-graphs, where it cannot be tried apart. */
  readonly sensitivity: { readonly cosine: number; readonly relative: number | null } | null;
}
export interface PruneOutcome {
  readonly rankedBy: "weights" | "weights and inputs";
  readonly networks: readonly PrunedFfn[];
}

interface Planned {
  readonly ffn: Ffn;
  readonly kept: readonly number[];
  readonly lost: number;
}

/** The model with fewer channels, in the work folder, and what each network's part in the loss is. */
export async function pruneModel(source: OnnxModel, request: PruneRequest, lab: Lab): Promise<{ readonly model: OnnxModel; readonly outcome: PruneOutcome }> {
  const { work, ratio } = request;
  const store = new WeightStore(source, join(work, "prune-scratch"));
  const draft = new Draft(source.message);
  const rewriting: Rewriting = { draft, store, notes: [], skipped: [], step: async () => await Promise.resolve() };
  try {
    const networks = chosen(draft, request.selection);
    const hidden = networks.filter(({ scope }) => scope === draft.main).map((ffn) => ffn.hidden);
    const observations = request.measured ? await observe(source, [...new Set(hidden)], 0, request, lab) : [];
    const seen = new Map<string, ChannelStatistics>(observations.map(({ name, channels }) => [name, channels]));
    const planned = networks.map((ffn): Planned => {
      const scores = channelScores(rewriting, ffn, seen.get(ffn.hidden) ?? null);
      const kept = keptChannels(scores, ratio);
      const total = scores.reduce((sum, score) => sum + score, 0);
      return { ffn, kept, lost: total === 0 ? 0 : 1 - kept.reduce((sum, channel) => sum + scores[channel]!, 0) / total };
    });
    const sensitivities = await trySingly(source, planned, request, lab);
    const usedBefore = usedNames(draft.model);
    for (const [done, { ffn, kept }] of planned.entries()) {
      lab.onProgress("prune", done, planned.length);
      pruneFfn(rewriting, ffn, kept);
    }
    // Shapes that were written down no longer hold.
    for (const { graph } of draft.scopes) graph.valueInfo = [];
    sweep(draft.model, usedBefore);
    const { path } = writeModel(store.model(draft.model), join(work, "pruned.onnx"));
    const outcome: PruneOutcome = {
      rankedBy: request.measured ? "weights and inputs" : "weights",
      networks: planned.map(({ ffn: { name, channels }, kept, lost }, index) => ({ name, channels, kept: kept.length, lost, sensitivity: sensitivities[index] ?? null })),
    };
    return { model: readModel(path), outcome };
  } finally {
    store.dispose();
  }
}

function chosen(draft: Draft, selection: Selection): Ffn[] {
  const selected = selects(selection);
  const networks = findFfns(draft).filter(({ name, ups, down }) =>
    selected(name, down.weight.tensor.name, ...ups.map(({ node: up }) => up.name)) && [down, ...ups].every(({ weight }) => elementType(weight.tensor.dataType) === "float32"));
  // A product that is the end of one network and the beginning of another keeps its place in the first.
  const taken = new Set<unknown>();
  const apart = networks.filter(({ ups, down }) => {
    const own = [down, ...ups].map((site) => site.node);
    const free = !own.some((item) => taken.has(item));
    if (free) for (const item of own) taken.add(item);
    return free;
  });
  if (apart.length > 0) return apart;
  throw new InfernoError("model_file_invalid", "The model has no feed-forward networks that can be pruned: a product with weights, an activation, and a product with weights.", { hint: "Leave --prune out, or correct --keep and --only." });
}

/** One model in which each network's channels are multiplied with a mask that is an input: all networks are tried without writing a model for each. */
async function trySingly(source: OnnxModel, planned: readonly Planned[], { work, inputs, threads }: PruneRequest, lab: Lab) {
  const draft = new Draft(source.message);
  const outputs = draft.main.graph.output.map(({ name }) => name);
  const masked = planned.map(({ ffn, kept }, index) => {
    const item = draft.main.graph.node.find((other) => other.output[0] === ffn.down.node.output[0] && other.opType === ffn.down.node.opType);
    if (item === undefined) return null;
    const [mask, hidden] = [draft.fresh(`mask_${index}`), draft.fresh(`${ffn.hidden}_masked`)];
    draft.main.graph.input.push(value(mask, "float32", [ffn.channels]));
    draft.main.graph.node.splice(draft.main.graph.node.indexOf(item), 0, node("Mul", [ffn.hidden, mask], [hidden]));
    item.input[0] = hidden;
    const values = new Float32Array(ffn.channels);
    for (const channel of kept) values[channel] = 1;
    return { mask, channels: ffn.channels, values };
  });
  const present = masked.filter((item) => item !== null);
  if (present.length === 0) return planned.map(() => null);
  const whole = Object.fromEntries(present.map(({ mask, channels }) => [mask, { type: "float32", shape: [channels], data: new Float32Array(channels).fill(1) } as const]));
  const variants: Tensors[] = [whole, ...present.map(({ mask, channels, values }) => ({ ...whole, [mask]: { type: "float32", shape: [channels], data: values } as const }))];
  const { path } = writeModel({ ...source, message: draft.model }, join(work, "masked.onnx"));
  const answers = await lab.ask({ kind: "vary", model: path, inputs: inputs.slice(0, 8), variants, outputs, threads }, { signal: lab.signal, onProgress: (done, total) => lab.onProgress("prune", done, total) });
  return masked.map((item) => {
    const differences = item === null ? undefined : answers[present.indexOf(item) + 1];
    return differences === undefined ? null : { cosine: Math.min(...differences.map(({ cosine }) => cosine)), relative: differences.some(({ relative }) => relative === null) ? null : Math.max(...differences.map(({ relative }) => relative ?? 0)) };
  });
}

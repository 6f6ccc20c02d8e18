import type { ChannelStatistics } from "../backends/onnx/lab/questions.ts";
import { channelView, eachRun, transpose, type ChannelView } from "./kernels/channels.ts";
import type { Ffn } from "./ffn.ts";
import { addTo, matrixOf, type Rewriting } from "./rewriting.ts";
import { integer, weightOf, type Site } from "./sites.ts";

/** What each channel adds to the output at most: by its weights alone, or with how strong it was on real inputs. */
export function channelScores(rewriting: Rewriting, { channels, ups, down }: Ffn, seen: ChannelStatistics | null): Float64Array {
  const downNorms = norms(matrixOf(rewriting, down), { outer: 1, channels, inner: down.dims[1] ?? 1 });
  if (seen !== null) return downNorms.map((norm, channel) => norm * Math.sqrt(seen.meanSquare[channel] ?? 0));
  const scores = Float64Array.from(downNorms);
  for (const up of ups) {
    const upNorms = norms(matrixOf(rewriting, up), channelView(up.dims, 1));
    for (let channel = 0; channel < channels; channel += 1) scores[channel]! *= upNorms[channel]!;
  }
  return scores;
}

function norms(values: Float32Array, view: ChannelView): Float64Array {
  const squares = new Float64Array(view.channels);
  eachRun(view, (channel, start, end) => {
    for (let i = start; i < end; i += 1) squares[channel]! += values[i]! ** 2;
  });
  return squares.map(Math.sqrt);
}

/** The strongest channels, in their old order. Their number is a multiple of 8 where that is possible: kernels like it. */
export function keptChannels(scores: Float64Array, ratio: number): number[] {
  const exact = Math.max(1, Math.round(scores.length * (1 - ratio)));
  const count = exact >= 16 ? Math.round(exact / 8) * 8 : exact;
  return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, count).sort((a, b) => a - b);
}

/** Takes all other channels out of a network's weights and constants. */
export function pruneFfn(rewriting: Rewriting, ffn: Ffn, kept: readonly number[]): void {
  const { down, ups, perChannel, scope } = ffn;
  for (const up of ups) replaceWeight(rewriting, up, kept, 1);
  replaceWeight(rewriting, down, kept, 0);
  for (const { node, index } of perChannel) {
    const constant = weightOf(scope, node.input[index] ?? "")?.tensor;
    if (constant === undefined) continue;
    const values = rewriting.store.floats(constant);
    const dims = [...constant.dims.map(Number).slice(0, -1), kept.length];
    node.input[index] = addTo(rewriting, scope, `${constant.name || node.input[index] || "constant"}_pruned`, "float32", dims, Float32Array.from(kept, (channel) => values[channel]!));
  }
}

/** A weight of its own, in the layout that the node reads: others may share the old one. */
function replaceWeight(rewriting: Rewriting, site: Site, kept: readonly number[], axis: 0 | 1): void {
  const { node, scope, weight, dims: [k = 1, n = 1] } = site;
  const matrix = matrixOf(rewriting, site);
  const pruned = axis === 0 ? takeRows(matrix, n, kept) : takeColumns(matrix, k, n, kept);
  const [rows, columns] = axis === 0 ? [kept.length, n] : [k, kept.length];
  const turned = node.opType === "Gemm" && integer(node, "transB", 0) === 1;
  node.input[1] = addTo(rewriting, scope, `${weight.tensor.name || node.input[1] || "weight"}_pruned`, "float32",
    turned ? [columns, rows] : [rows, columns], turned ? transpose(pruned, rows, columns) : pruned);
}

function takeRows(matrix: Float32Array, columns: number, kept: readonly number[]): Float32Array {
  const taken = new Float32Array(kept.length * columns);
  for (const [to, from] of kept.entries()) taken.set(matrix.subarray(from * columns, (from + 1) * columns), to * columns);
  return taken;
}

const takeColumns = (matrix: Float32Array, rows: number, columns: number, kept: readonly number[]): Float32Array =>
  Float32Array.from({ length: rows * kept.length }, (_, at) => matrix[Math.floor(at / kept.length) * columns + kept[at % kept.length]!]!);

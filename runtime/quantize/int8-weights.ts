import type { Balance } from "./balance.ts";
import { channelView } from "./kernels/channels.ts";
import { dequantize, symmetricInt8 } from "./kernels/int8.ts";
import { allFinite } from "./kernels/loss.ts";
import { addBeside, matrixOf, note, oncePerWeight, type Rewriting } from "./rewriting.ts";
import type { Site } from "./sites.ts";

/** Names of a weight's new parts. */
export interface Int8Weight {
  readonly data: string;
  readonly scales: string;
}

/** Weights [K, N] in INT8 with a scale for each column; null where one holds what is no number. */
export function int8Weights(rewriting: Rewriting, reduceRange: boolean): (site: Site, balance: Balance | null) => Int8Weight | null {
  return oncePerWeight((site, balance) => {
    const values = matrixOf(rewriting, site);
    if (!allFinite(values)) return null;
    const view = channelView(site.dims, 1);
    const rowFactors = balance === null ? null : balance.factors.map((factor, channel) => (balance.apart.includes(channel) ? 0 : factor));
    const { quantized, scales } = symmetricInt8(rowFactors === null ? values : timesRows(values, rowFactors), view, reduceRange ? 63 : 127);
    const after = dequantize(quantized, scales, null, view);
    note(rewriting, site, "int8", values, rowFactors === null ? after : overRows(after, rowFactors, values));
    return { data: addBeside(rewriting, site, "int8", "int8", site.dims, quantized), scales: addBeside(rewriting, site, "scales", "float32", [scales.length], scales) };
  });
}

function timesRows(matrix: Float32Array, factors: Float32Array): Float32Array {
  const n = matrix.length / factors.length;
  return matrix.map((value, at) => value * factors[Math.floor(at / n)]!);
}

/** The way back; rows that go apart are exact. */
function overRows(matrix: Float32Array, factors: Float32Array, exact: Float32Array): Float32Array {
  const n = matrix.length / factors.length;
  return matrix.map((value, at) => {
    const factor = factors[Math.floor(at / n)]!;
    return factor === 0 ? exact[at]! : value / factor;
  });
}

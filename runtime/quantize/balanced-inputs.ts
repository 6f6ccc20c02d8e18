import type { TensorProto } from "onnx-buf";
import { elementType } from "../onnx-file/element.ts";
import { balance, type Balance } from "./balance.ts";
import type { DynamicOptions } from "./dynamic-int8.ts";
import { allFinite } from "./kernels/loss.ts";
import { selects } from "./pattern.ts";
import { addTo, matrixOf, type Rewriting } from "./rewriting.ts";
import { findSites, type Site } from "./sites.ts";

export interface BalancedInput {
  readonly balance: Balance;
  /** Name of the tensor that the input is multiplied with: one over each factor, 0 for channels that go apart. */
  readonly inverse: () => string;
}

/** Balances each observed input with all weights that read it; what was not observed, as all in sub-graphs, is left as it is. */
export function balancedInputs(rewriting: Rewriting, { observed, ...selection }: DynamicOptions): (site: Site) => BalancedInput | null {
  const { draft } = rewriting;
  const selected = selects(selection);
  const readers = new Map<string, Site[]>();
  for (const site of findSites(draft).sites) {
    const input = site.node.input[0] ?? "";
    const product = site.kind === "matmul" || site.kind === "gemm";
    if (!product || site.scope !== draft.main || !observed.has(input) || !selected(site.node.name, site.weight.tensor.name)) continue;
    if (elementType(site.weight.tensor.dataType) === "float32") readers.set(input, [...(readers.get(input) ?? []), site]);
  }
  const shared = usedUnderSeveral(readers);
  const made = new Map<string, BalancedInput | null>();
  const make = (input: string): BalancedInput | null => {
    const sites = readers.get(input) ?? [];
    const statistics = observed.get(input);
    // A weight that multiplies two inputs cannot follow the factors of both.
    if (statistics === undefined || sites.some(({ weight, dims }) => shared.has(weight.tensor) || dims[0] !== statistics.meanSquare.length)) return null;
    const matrices = sites.map((site) => matrixOf(rewriting, site));
    const found = matrices.every(allFinite) ? balance(statistics, matrices) : null;
    if (found === null) return null;
    const inverse = found.factors.map((factor, channel) => (found.apart.includes(channel) ? 0 : 1 / factor));
    return { balance: found, inverse: () => addTo(rewriting, draft.main, `${input}_factors`, "float32", [inverse.length], inverse) };
  };
  return ({ scope, node, kind }) => {
    const input = node.input[0] ?? "";
    if (scope !== draft.main || kind === "gather" || !readers.has(input)) return null;
    const before = made.get(input);
    if (before !== undefined) return before;
    const now = make(input);
    made.set(input, now);
    return now;
  };
}

function usedUnderSeveral(readers: ReadonlyMap<string, readonly Site[]>): Set<TensorProto> {
  const first = new Map<TensorProto, string>();
  const several = new Set<TensorProto>();
  for (const [input, sites] of readers) {
    for (const { weight: { tensor } } of sites) {
      if ((first.get(tensor) ?? input) !== input) several.add(tensor);
      first.set(tensor, input);
    }
  }
  return several;
}

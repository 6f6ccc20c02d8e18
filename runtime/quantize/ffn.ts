import type { NodeProto } from "onnx-buf";
import type { Draft, Scope } from "./draft.ts";
import { findSites, nodeName, weightOf, type Site } from "./sites.ts";

/**
 * A feed-forward network: products whose columns are the hidden channels (one, or two where one gates the other), functions of each
 * channel by itself, and the product whose rows the channels are. A channel can be taken out of all of them, and the shapes around stay.
 */
export interface Ffn {
  readonly name: string;
  readonly scope: Scope;
  readonly channels: number;
  readonly ups: readonly Site[];
  readonly down: Site;
  /** The value that `down` reads. */
  readonly hidden: string;
  /** Constants with a value for each channel, such as biases: node and index of its input. */
  readonly perChannel: readonly { readonly node: NodeProto; readonly index: number }[];
}

/** Functions of each value by itself. */
const activations = new Set([
  "Relu", "Gelu", "Erf", "Tanh", "Sigmoid", "HardSigmoid", "HardSwish", "Elu", "Selu", "Celu", "LeakyRelu", "PRelu", "Softplus", "Softsign", "Mish", "Swish", "Clip", "ThresholdedRelu",
  "Exp", "Neg", "Sqrt", "Abs", "FastGelu", "QuickGelu", "BiasGelu",
]);
const arithmetic = new Set(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"]);
const passing = new Set(["Identity", "Cast", "Dropout"]);

export function findFfns(draft: Draft): readonly Ffn[] {
  const { sites } = findSites(draft);
  const products = new Map(sites.filter(({ kind }) => kind === "matmul" || kind === "gemm").map((site) => [site.node, site]));
  return [...products.values()].flatMap((down) => ffnBefore(draft, down, products) ?? []);
}

/** Walks back from a product over functions of single channels, to the products that make them. Null where anything else is met. */
function ffnBefore(draft: Draft, down: Site, products: ReadonlyMap<NodeProto, Site>): Ffn | null {
  const { scope, dims: [channels = 0] } = down;
  const hidden = down.node.input[0] ?? "";
  const ups: Site[] = [];
  const perChannel: { node: NodeProto; index: number }[] = [];
  const inside = new Set<NodeProto>([down.node]);
  const curved: NodeProto[] = [];
  const walk = (name: string): boolean => {
    const item = scope.producers.get(name);
    if (item === undefined) return false;
    if (inside.has(item)) return true;
    inside.add(item);
    const up = products.get(item);
    if (up !== undefined) {
      ups.push(up);
      // A Gemm's own bias is one value for each channel.
      if (up.kind === "gemm" && (item.input[2] ?? "") !== "") perChannel.push({ node: item, index: 2 });
      return up.dims[1] === channels;
    }
    if (activations.has(item.opType)) curved.push(item);
    else if (!arithmetic.has(item.opType) && !passing.has(item.opType)) return false;
    return item.input.every((input, index) => {
      if (input === "") return true;
      const constant = weightOf(scope, input);
      if (constant === null) return walk(input);
      const dims = constant.tensor.dims.map(Number);
      const size = dims.reduce((product, dim) => product * dim, 1);
      if (size === 1) return true;
      perChannel.push({ node: item, index });
      return size === channels && dims.at(-1) === channels;
    });
  };
  if (channels < 2 || !walk(hidden) || curved.length === 0 || ups.length === 0 || !closed(draft, scope, inside, down.node)) return null;
  // One value for each channel and no more: a bias with a row for each row of the input is another for each.
  const single = perChannel.every(({ node, index }) => {
    const dims = weightOf(scope, node.input[index] ?? "")?.tensor.dims ?? [];
    return dims.at(-1) === BigInt(channels) && dims.slice(0, -1).every((size) => size === 1n);
  });
  return single ? { name: nodeName(down.node), scope, channels, ups, down, hidden, perChannel } : null;
}

/** Nothing else may read what changes its shape: neither other nodes, of this graph or one below, nor the graph's outputs. */
function closed(draft: Draft, scope: Scope, inside: ReadonlySet<NodeProto>, down: NodeProto): boolean {
  const changed = new Set([...inside].filter((item) => item !== down).flatMap(({ output }) => output));
  return draft.scopes.every(({ graph }) =>
    graph.output.every(({ name }) => graph !== scope.graph || !changed.has(name)) && graph.node.every((item) => inside.has(item) || !item.input.some((name) => changed.has(name))));
}


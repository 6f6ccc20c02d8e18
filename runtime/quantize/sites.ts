import type { NodeProto, TensorProto } from "onnx-buf";
import { elementType, type ElementType } from "../onnx-file/element.ts";
import { lookUp, type Draft, type Scope } from "./draft.ts";

/** A constant that a node multiplies with. */
export interface Weight {
  readonly tensor: TensorProto;
  /** The graph that holds it: the node's own, or one around it. */
  readonly scope: Scope;
  /** The node sees it transposed. */
  readonly transposed: boolean;
}

/** A node with a weight. */
export interface Site {
  readonly kind: SiteKind;
  readonly scope: Scope;
  readonly node: NodeProto;
  readonly weight: Weight;
  /** [K, N] as the node multiplies; for `gather` [rows, row], for `conv` the weight's own. */
  readonly dims: readonly number[];
}
export type SiteKind = "matmul" | "gemm" | "gather" | "conv";

export interface Skipped {
  readonly node: string;
  readonly reason: string;
}

const standard = (domain: string): boolean => domain === "" || domain === "ai.onnx";
export const isOp = ({ opType, domain }: NodeProto, type: string, from: "" | "com.microsoft" = ""): boolean =>
  opType === type && (from === "" ? standard(domain) : domain === from);

export const nodeName = (node: NodeProto): string => node.name || `${node.opType} → ${node.output[0] ?? ""}`;
export const integer = (node: NodeProto, name: string, fallback: number): number => Number(node.attribute.find((item) => item.name === name)?.i ?? fallback);
export const decimal = (node: NodeProto, name: string, fallback: number): number => node.attribute.find((item) => item.name === name)?.f ?? fallback;

const floatTypes: readonly (ElementType | undefined)[] = ["float32", "float16"];

/**
 * The constant behind a name, through what exporters put between: Identity for weights used twice, Transpose for `x · Wᵀ`, and a Cast where floats
 * are stored in half precision: the tensor's own type tells.
 */
export function weightOf(scope: Scope, name: string): Weight | null {
  const meaning = lookUp(scope, name);
  if (meaning?.kind === "initializer") return { tensor: meaning.tensor, scope: meaning.scope, transposed: false };
  if (meaning?.kind !== "node") return null;
  const { node } = meaning;
  if (isOp(node, "Constant")) {
    const tensor = node.attribute.find((item) => item.name === "value")?.t;
    return tensor === undefined ? null : { tensor, scope: meaning.scope, transposed: false };
  }
  if (!isOp(node, "Identity") && !isOp(node, "Transpose") && !isOp(node, "Cast")) return null;
  const inner = weightOf(meaning.scope, node.input[0] ?? "");
  if (inner === null || isOp(node, "Identity")) return inner;
  if (isOp(node, "Cast")) return elementType(integer(node, "to", 0)) === "float32" && floatTypes.includes(elementType(inner.tensor.dataType)) ? inner : null;
  return inner.tensor.dims.length === 2 && swaps(node) ? { ...inner, transposed: !inner.transposed } : null;
}

/** Of all constants that a node reads. */
export const weightNames = (scope: Scope, item: NodeProto): string[] => item.input.flatMap((name) => {
  const weight = weightOf(scope, name);
  return weight === null ? [] : [weight.tensor.name || name];
});

function swaps(node: NodeProto): boolean {
  const order = node.attribute.find((item) => item.name === "perm")?.ints;
  return order === undefined || (order[0] === 1n && order[1] === 0n);
}

/** All nodes with weights, in all graphs, and those that look like one and cannot be changed, with the reason. */
export function findSites(draft: Draft): { readonly sites: readonly Site[]; readonly skipped: readonly Skipped[] } {
  const sites: Site[] = [];
  const skipped: Skipped[] = [];
  for (const scope of draft.scopes) {
    for (const node of scope.graph.node) {
      const found = siteOf(scope, node);
      if (found === null) continue;
      if (typeof found === "string") skipped.push({ node: nodeName(node), reason: found });
      else sites.push(found);
    }
  }
  return { sites, skipped };
}

const weightInput: Readonly<Record<string, readonly [SiteKind, number]>> = { MatMul: ["matmul", 1], Gemm: ["gemm", 1], Gather: ["gather", 0], Conv: ["conv", 1] };

/** Null: no node with a weight. A text: why it cannot be changed. */
function siteOf(scope: Scope, node: NodeProto): Site | string | null {
  const entry = standard(node.domain) ? weightInput[node.opType] : undefined;
  if (entry === undefined) return null;
  const [kind, index] = entry;
  const weight = weightOf(scope, node.input[index] ?? "");
  if (weight === null) return kind === "matmul" && weightOf(scope, node.input[0] ?? "") !== null ? "its weight is the first factor" : null;
  if (!floatTypes.includes(elementType(weight.tensor.dataType))) return null;
  const dims = weight.tensor.dims.map(Number);
  if (kind === "gather") return dims.length === 2 && integer(node, "axis", 0) === 0 && !weight.transposed ? { kind, scope, node, weight, dims } : null;
  if (kind === "conv") return { kind, scope, node, weight, dims };
  const [rows, columns] = dims;
  // Vectors and single numbers are no matrices, and stacks of matrices have no form that quantizes by channel.
  if (rows === undefined || columns === undefined) return null;
  if (dims.length > 2) return `its weight has ${dims.length} dimensions`;
  if (kind === "gemm" && integer(node, "transA", 0) === 1) return "its first factor is transposed";
  const transposed = weight.transposed !== (kind === "gemm" && integer(node, "transB", 0) === 1);
  return { kind, scope, node, weight: { ...weight, transposed }, dims: transposed ? [columns, rows] : dims };
}

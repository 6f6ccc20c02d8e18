import type { NodeProto } from "onnx-buf";
import { node } from "../onnx-file/build.ts";
import { addTo, type Rewriting } from "./rewriting.ts";
import { decimal, type Site } from "./sites.ts";

/** What `Gemm` does after its product: `alpha · product + beta · C`. For `MatMul` there is nothing to do. */
export function gemmTail(rewriting: Rewriting, { kind, node: old, scope }: Site): { readonly input: string; readonly nodes: readonly NodeProto[] } {
  const output = old.output[0] ?? "";
  if (kind !== "gemm") return { input: output, nodes: [] };
  const { draft } = rewriting;
  const nodes: NodeProto[] = [];
  const [alpha, beta, bias] = [decimal(old, "alpha", 1), decimal(old, "beta", 1), old.input[2] ?? ""];
  const input = alpha === 1 && bias === "" ? output : draft.fresh(`${output}_product`);
  const times = (name: string, factor: number, target: string): void => {
    const constant = addTo(rewriting, scope, `${output}_factor`, "float32", [], Float32Array.of(factor));
    nodes.push(node("Mul", [name, constant], [target], {}, { name: draft.fresh(`${old.name || "Gemm"}_times`) }));
  };
  let product = input;
  if (alpha !== 1) {
    product = bias === "" ? output : draft.fresh(`${output}_alpha`);
    times(input, alpha, product);
  }
  if (bias !== "") {
    let added = bias;
    if (beta !== 1) {
      added = draft.fresh(`${output}_beta`);
      times(bias, beta, added);
    }
    nodes.push(node("Add", [product, added], [output], {}, { name: draft.fresh(`${old.name || "Gemm"}_bias`) }));
  }
  return { input, nodes };
}

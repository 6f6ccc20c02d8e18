import { node } from "../onnx-file/build.ts";
import { elementType } from "../onnx-file/element.ts";
import { blobBytes, blocksPerColumn, dequantizeBlocks, quantizeBlocks, zeroBytes, type BlockShape } from "./kernels/blocks.ts";
import { allFinite } from "./kernels/loss.ts";
import { gemmTail } from "./gemm-tail.ts";
import { rowsGather } from "./int8-rows.ts";
import type { Selection } from "./pattern.ts";
import { addBeside, columnsOf, importMicrosoft, note, notFinite, oncePerWeight, rewriteSites, type Rewriting } from "./rewriting.ts";

export interface BlockOptions extends Selection {
  readonly block: number;
  /** Without zero points: as exact for weights that lie evenly around zero, and faster. */
  readonly symmetric: boolean;
}

const bits = 4;
/** The engine may compute products in INT8, with a scale for each block of the input: faster, and inputs lose less than by one scale. */
const computeInInt8 = 4;

/** `MatMul` and `Gemm` with weights in blocks of 4 bits (`MatMulNBits`); the weights become numbers again inside the kernel. */
export async function weightBlocks(rewriting: Rewriting, options: BlockOptions): Promise<void> {
  const { draft } = rewriting;
  const { block, symmetric } = options;
  const gather = rowsGather(rewriting);
  const blocks = oncePerWeight((site) => {
    const columns = columnsOf(rewriting, site);
    if (!allFinite(columns)) return null;
    const [k = 1, n = 1] = site.dims;
    const shape: BlockShape = { k, n, size: block, bits };
    const { data, scales, zeroPoints } = quantizeBlocks(columns, shape, symmetric);
    note(rewriting, site, "int4", columns, dequantizeBlocks({ data, scales, zeroPoints }, shape));
    const add = (suffix: string, ...rest: Parameters<typeof addBeside> extends [unknown, unknown, string, ...infer Rest] ? Rest : never): string =>
      addBeside(rewriting, site, suffix, ...rest);
    const perColumn = blocksPerColumn(shape);
    return [
      add("q4", "uint8", [n, perColumn, blobBytes(shape)], data),
      add("scales", "float32", [n, perColumn], scales),
      ...(zeroPoints === null ? [] : [add("zero_points", "uint8", [n, zeroBytes(shape)], zeroPoints)]),
    ];
  });
  await rewriteSites(rewriting, options, ["matmul", "gemm", "gather"], (site) => {
    if (site.kind === "gather") return gather(site);
    if (elementType(site.weight.tensor.dataType) !== "float32") return "its numbers are not 32-bit floats; `--to fp32` makes them so";
    const weights = blocks(site);
    if (weights === null) return notFinite;
    importMicrosoft(draft);
    const { node: old, dims: [K = 1, N = 1] } = site;
    const tail = gemmTail(rewriting, site);
    const attributes = { K, N, bits, block_size: block, accuracy_level: computeInInt8 };
    return [node("MatMulNBits", [old.input[0] ?? "", ...weights], [tail.input], attributes, { name: `${old.name || old.opType}_Q4`, domain: "com.microsoft" }), ...tail.nodes];
  });
}

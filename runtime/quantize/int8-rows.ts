import { node } from "../onnx-file/build.ts";
import { elementType } from "../onnx-file/element.ts";
import { channelView } from "./kernels/channels.ts";
import { dequantize, symmetricInt8 } from "./kernels/int8.ts";
import { allFinite } from "./kernels/loss.ts";
import { addBeside, note, oncePerWeight, type RewriteSite, type Rewriting } from "./rewriting.ts";

/** Smaller tables are no part of a file's size, and often no embeddings but shapes. */
const leastElements = 4096;

/** Tables of vectors, such as embeddings: rows of INT8 with a scale each; only the rows that are taken out become floats again. */
export function rowsGather(rewriting: Rewriting): RewriteSite {
  const { draft } = rewriting;
  const rows = oncePerWeight((site) => {
    const values = rewriting.store.floats(site.weight.tensor);
    if (!allFinite(values)) return null;
    const view = channelView(site.dims, 0);
    const { quantized, scales } = symmetricInt8(values, view);
    note(rewriting, site, "int8 rows", values, dequantize(quantized, scales, null, view));
    return {
      data: addBeside(rewriting, site, "int8_rows", "int8", site.dims, quantized),
      scales: addBeside(rewriting, site, "row_scales", "float32", [scales.length, 1], scales),
    };
  });
  return (site) => {
    const { node: old, weight, dims } = site;
    if (elementType(weight.tensor.dataType) !== "float32") return "its numbers are not 32-bit floats";
    if ((dims[0] ?? 0) * (dims[1] ?? 0) < leastElements) return "its table is small";
    const table = rows(site);
    if (table === null) return "its table holds infinities or NaN";
    const output = old.output[0] ?? "";
    const indices = old.input[1] ?? "";
    const [taken, floats, scales] = [draft.fresh(`${output}_int8`), draft.fresh(`${output}_float`), draft.fresh(`${output}_scales`)];
    const name = (part: string) => ({ name: draft.fresh(`${old.name || "Gather"}_${part}`) });
    return [
      node("Gather", [table.data, indices], [taken], { axis: 0 }, name("rows")),
      node("Gather", [table.scales, indices], [scales], { axis: 0 }, name("scales")),
      node("Cast", [taken], [floats], { to: 1 }, name("cast")),
      node("Mul", [floats, scales], [output], {}, name("rescale")),
    ];
  };
}

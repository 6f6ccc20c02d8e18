import { node } from "../onnx-file/build.ts";
import { elementType } from "../onnx-file/element.ts";
import { fromHalves, toHalves } from "../../base/halves.ts";
import { lossOf } from "./kernels/loss.ts";
import { selects, type Selection } from "./pattern.ts";
import { addTo, type Rewriting } from "./rewriting.ts";
import { ownWeights, storeAs } from "./stored.ts";

/** Below this a weight saves less than the node that makes it a float again takes. */
const leastElements = 256n;

/** Weights in half precision; a `Cast`, done once when the model is loaded, makes them floats. The graph computes as before. */
export async function halfWeights(rewriting: Rewriting, selection: Selection): Promise<void> {
  const { draft, notes } = rewriting;
  const selected = selects(selection);
  const large = draft.scopes.flatMap((scope) => ownWeights(scope).map((weight) => ({ scope, ...weight })))
    .filter(({ tensor }) => elementType(tensor.dataType) === "float32" && tensor.dims.reduce((product, dim) => product * dim, 1n) >= leastElements);
  for (const [done, { scope, name, tensor }] of large.entries()) {
    await rewriting.step(done, large.length);
    if (!selected(name)) {
      rewriting.skipped.push({ node: name, reason: "left out by --keep or --only" });
      continue;
    }
    const dims = tensor.dims.map(Number);
    const values = rewriting.store.floats(tensor);
    const { bits, overflowed, vanished } = toHalves(values);
    notes.push({ weight: name, form: "fp16", dims, loss: lossOf(values, fromHalves(bits)), overflowed, vanished });
    const half = addTo(rewriting, scope, `${name}_fp16`, "float16", dims, bits);
    storeAs(scope, name, [node("Cast", [half], [name], { to: 1 }, { name: draft.fresh(`${name}_cast`) })]);
  }
}

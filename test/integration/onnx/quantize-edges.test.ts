import assert from "node:assert/strict";
import { test } from "node:test";
import { elementType } from "../../../runtime/onnx-file/element.ts";
import { allTensors } from "../../../runtime/onnx-file/graphs.ts";
import { readModel } from "../../../runtime/onnx-file/model.ts";
import { readTensor, toFloat32 } from "../../../runtime/onnx-file/tensor.ts";
import { branches, image, twoLayers } from "../../unit/runtime/quantize/small-models.ts";
import { cosine, quantize } from "./quantized.ts";

/** Of all weights of a file that are stored in INT8. */
function largestInteger(path: string): number {
  const model = readModel(path);
  const stored = [...allTensors(model.message)].filter(({ dataType }) => elementType(dataType) === "int8");
  return Math.max(...stored.flatMap((tensor) => [...toFloat32(readTensor(model, tensor))].map(Math.abs)));
}

test("seven bits: no integer that a product computes with is larger, in the main graph and in branches", async (t) => {
  for (const form of ["int8", "int8-static"] as const) {
    for (const model of [twoLayers(), branches(), ...(form === "int8" ? [] : [image()])]) {
      const { report, target } = await quantize(t, model, { form, reduceRange: true });
      assert.equal(largestInteger(target), 63, `${form}, ${model.graph?.node[0]?.opType ?? ""}`);
      assert.ok(cosine(report) > 0.99, `${form}: ${cosine(report)}`);
    }
  }
  assert.equal(largestInteger((await quantize(t, image(), { form: "int8-static" })).target), 127);
});

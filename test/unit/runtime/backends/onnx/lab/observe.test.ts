import assert from "node:assert/strict";
import { test } from "node:test";
import { observe } from "../../../../../../runtime/backends/onnx/lab/observe.ts";
import { float32, type Tensors } from "../../../../../../runtime/backends/onnx/tensors.ts";

const session = (data: readonly number[], shape: readonly number[]) => ({
  inputs: [], outputs: [], run: async (): Promise<Tensors> => await Promise.resolve({ v: float32(Float32Array.from(data), shape) }), dispose: async () => await Promise.resolve(),
});

test("a row counts by its finite values, wherever in it others lie", async () => {
  const seen = async (data: readonly number[]) => (await observe(session(data, [2, 3]), [{}], ["v"], 0, () => undefined))[0];
  // Rows with the largest values 4 and 2: (16 + 4) / 2 / 16.
  for (const rows of [[1, 4, 1, 1, 2, 1], [1, 4, NaN, 1, 2, Infinity], [-Infinity, 4, 1, NaN, 2, 1]]) {
    const found = await seen(rows);
    assert.equal(found?.channels.rowShare, 20 / 2 / 16, rows.join(" "));
    assert.deepEqual([found.low, found.high], [1, 4]);
  }
});

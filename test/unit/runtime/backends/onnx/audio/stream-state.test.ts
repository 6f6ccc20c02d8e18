import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { packState, unpackState } from "../../../../../../runtime/backends/onnx/audio/stream-state.ts";

const counts = fc.array(fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }), { maxLength: 8 });
const arrays = fc.array(fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 20 }), { maxLength: 4 });

test("a state comes back as it was packed", () => {
  fc.assert(fc.property(counts, arrays, (wholes, floats) => {
    const state = { counts: wholes, arrays: floats };
    assert.deepEqual(unpackState(packState(state), wholes.length, floats.map(({ length }) => length)), state);
  }));
});

test("other bytes are an invalid request", () => {
  const mine = packState({ counts: [1, 2], arrays: [Float32Array.of(1, 2, 3)] });
  const bad = { code: "invalid_request", param: "state" };
  assert.throws(() => unpackState(mine, 2, [2]), bad);
  assert.throws(() => unpackState(mine, 3, [3]), bad);
  assert.throws(() => unpackState(mine.subarray(0, -1), 2, [3]), bad);
  assert.throws(() => unpackState(packState({ counts: [0.5], arrays: [] }), 1, []), bad);
  assert.throws(() => unpackState(packState({ counts: [], arrays: [Float32Array.of(NaN)] }), 0, [1]), bad);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => assert.throws(() => unpackState(bytes, 2, [3]), bad)));
});

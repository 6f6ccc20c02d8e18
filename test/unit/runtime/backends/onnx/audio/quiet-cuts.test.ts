import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { quietCuts } from "../../../../../../runtime/backends/onnx/audio/quiet-cuts.ts";

test("parts lie one behind the other, none too long, none lost", () => {
  fc.assert(fc.property(fc.float32Array({ min: -1, max: 1, noNaN: true, maxLength: 400 }), fc.integer({ min: 3, max: 90 }), fc.integer({ min: 1, max: 40 }), (samples, most, window) => {
    const cuts = quietCuts(samples, most, window);
    let at = 0;
    for (const { start, end } of cuts) {
      assert.ok(start === at && end > start && end - start <= most, JSON.stringify(cuts));
      at = end;
    }
    assert.equal(at, samples.length);
  }));
});

test("the cut is in the middle of the pause", () => {
  const samples = new Float32Array(1000).fill(0.5);
  samples.fill(0, 480, 520);
  assert.deepEqual(quietCuts(samples, 600, 40), [{ start: 0, end: 500 }, { start: 500, end: 1000 }]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { placeImage, toPicture } from "../../../../../../runtime/backends/onnx/vision/placement.ts";

const size = fc.record({ width: fc.integer({ min: 1, max: 5000 }), height: fc.integer({ min: 1, max: 5000 }) });
const way = fc.constantFrom("stretch" as const, "cover" as const, "letterbox" as const);

test("letterbox adds bars, cover cuts off, stretch ignores proportions", () => {
  const [picture, frame] = [{ width: 200, height: 100 }, { width: 50, height: 50 }];
  assert.deepEqual(placeImage(picture, frame, "letterbox"), { picture, frame, scaled: { width: 50, height: 25 }, left: 0, top: 12 });
  assert.deepEqual(placeImage(picture, frame, "cover"), { picture, frame, scaled: { width: 100, height: 50 }, left: -25, top: 0 });
  assert.deepEqual(placeImage(picture, frame, "stretch"), { picture, frame, scaled: frame, left: 0, top: 0 });
});

test("property: letterbox shows the whole picture, cover fills the whole frame, one side fits exactly", () => {
  fc.assert(fc.property(size, size, way, (picture, frame, resize) => {
    const { scaled, left, top } = placeImage(picture, frame, resize);
    const [across, down] = [frame.width - scaled.width, frame.height - scaled.height];
    assert.ok(across === 0 || down === 0);
    if (resize === "letterbox") assert.ok(left >= 0 && top >= 0 && left <= across && top <= down && scaled.width >= 1 && scaled.height >= 1);
    if (resize === "cover") assert.ok(left <= 0 && top <= 0 && left >= across && top >= down);
  }));
});

test("property: a point of the frame is found again in the picture", () => {
  fc.assert(fc.property(size, size, way, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (picture, frame, resize, u, v) => {
    const placement = placeImage(picture, frame, resize);
    const point = [u * picture.width, v * picture.height] as const;
    const there = [placement.left + point[0] * placement.scaled.width / picture.width, placement.top + point[1] * placement.scaled.height / picture.height] as const;
    const [x, y] = toPicture(placement, there);
    assert.ok(Math.abs(x - point[0]) < 1e-6 && Math.abs(y - point[1]) < 1e-6);
  }));
});

test("what lies on the bars is moved to the picture's edge", () => {
  const placement = placeImage({ width: 200, height: 100 }, { width: 50, height: 50 }, "letterbox");
  assert.deepEqual(toPicture(placement, [25, 0]), [100, 0]);
  assert.deepEqual(toPicture(placement, [60, 49]), [200, 100]);
});

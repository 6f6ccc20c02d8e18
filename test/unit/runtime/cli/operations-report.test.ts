import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Span } from "../../../../protocol/trace.ts";
import { plain } from "../../../../runtime/cli/format/paint.ts";
import { operationLines } from "../../../../runtime/cli/format/operations.ts";
import { operationsReport } from "../../../../runtime/cli/operations-report.ts";

const span = (name: string, startUs: number, durationUs: number, attributes: Span["attributes"] = {}): Span => ({ id: `${name} ${startUs}`, parentId: "0", name, startUs, durationUs, attributes });
const step = (startUs: number, index: number): Span => span("decode", startUs, 1000, { index, batch: 1, position: index, profiled: true, operations: 3, emptyUs: 2, instrumentUs: 300 });
const operation = (startUs: number, durationUs: number, attributes: Span["attributes"]): Span => span("operation", startUs, durationUs, { name: "x", provider: "CPU", ...attributes });
const ofStep = (startUs: number): Span[] => [
  operation(startUs + 10, 102, { operator: "MUL_MAT", layer: 0, bytes: 1_000_000, flops: 2_000_000 }),
  operation(startUs + 200, 302, { operator: "MUL_MAT", layer: 1, bytes: 1_000_000, flops: 2_000_000 }),
  operation(startUs + 600, 102, { operator: "ODD", bytes: 1000 }),
];
const limits = span("instrument", 0, 50, { begins: true, gbPerS: 10, gflopPerS: 5, threads: 2, device: "A machine" });
const spans = [limits, span("decode", 60, 600, { index: 1, batch: 1, position: 1 }), span("decode", 700, 800, { index: 2, batch: 2, position: 2 }), step(2000, 3), ...ofStep(2000), step(4000, 4), ...ofStep(4000)];

describe("a trace's operations", () => {
  test("are added up by operator and by layer, per step, without what the instrument takes in each", () => {
    const { operators, layers } = operationsReport({ spans });
    assert.deepEqual(operators.map(({ name, count, us, share }) => [name, count, us, share]), [["MUL_MAT", 2, 400, 0.8], ["ODD", 1, 100, 0.2]]);
    assert.deepEqual(layers.map(({ name, us }) => [name, us]), [["layer 0", 100], ["layer 1", 300], ["outside the layers", 100]]);
  });

  test("have the rates they reached beside the limit that they are nearer to; without a formula only bytes", () => {
    const [product, odd] = operationsReport({ spans }).operators;
    assert.deepEqual([product?.gbPerS, product?.gflopPerS, product?.ofLimit], [5, 10, { share: 2, by: "compute" }]);
    assert.deepEqual([odd?.gbPerS, odd?.gflopPerS, odd?.ofLimit], [0.01, null, { share: 0.001, by: "bandwidth" }]);
  });

  test("recorded steps stand beside unrecorded ones of the same width only", () => {
    const { steps, stepUs, instrument } = operationsReport({ spans });
    assert.deepEqual([steps, stepUs], [{ profiled: 2, unprofiled: 1, batch: 1 }, { profiled: 1000, unprofiled: 600 }]);
    assert.deepEqual(instrument, { perStepUs: 300, perOperationUs: 2, operations: 3 });
  });

  test("a trace that was full says so, and one without limits, too", () => {
    const full = operationsReport({ spans: [...spans.slice(1), span("decode", 6000, 500, { index: 5, batch: 1, profiled: false, profileLimit: 20_000 })] });
    assert.equal(full.cutAt, 20_000);
    const text = operationLines(full, plain).join("\n");
    assert.match(text, /full at 20000 operations/);
    assert.match(text, /limits are not known/);
  });

  test("a trace without recorded steps is an error that says what to do", () => {
    assert.throws(() => operationsReport({ spans: spans.slice(0, 3) }), /No step of this answer was recorded/);
  });
});

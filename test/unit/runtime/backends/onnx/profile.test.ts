import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { operationsOf } from "../../../../../runtime/backends/onnx/profile.ts";

const event = (cat: string, name: string, ts: number, dur: number, args: object = {}): string => JSON.stringify({ cat, pid: 1, tid: 1, dur, ts, ph: "X", name, args });
const kernel = (name: string, ts: number, dur: number): string =>
  event("Node", `${name}_kernel_time`, ts, dur, { op_name: "Add", provider: "CPUExecutionProvider", input_type_shape: [{ float: [2, 4] }, { int64: [] }], output_type_shape: [{ float: [2, 4] }] });
const run = (ts: number, dur: number): string => event("Session", "model_run", ts, dur);
const file = (...events: string[]): string => `[\n${events.join(",\n")}\n]\n`;

test("operations of each run, on our clock; what loading did and runs that warmed up are left out", () => {
  const profile = file(event("Session", "model_loading_uri", 1, 90), kernel("warm", 105, 5), run(100, 20), kernel("a", 205, 5), kernel("b", 212, 3), run(200, 20));
  const operations = operationsOf(profile, [{ startUs: 10_098, endUs: 10_124 }, { startUs: 10_199, endUs: 10_223 }], 1);
  // The runs say that the clocks are 9999 to 10003 apart.
  assert.deepEqual(operations, [
    { name: "a", operator: "Add", provider: "CPU", startUs: 10_206, endUs: 10_211, shapes: "float[2,4] int64[] → float[2,4]" },
    { name: "b", operator: "Add", provider: "CPU", startUs: 10_213, endUs: 10_216, shapes: "float[2,4] int64[] → float[2,4]" },
  ]);
});

test("whatever the clocks are apart, operations lie within the call that we measured", () => {
  const runs = fc.array(fc.record({ pause: fc.nat(500), before: fc.nat(50), length: fc.integer({ min: 1, max: 1000 }), after: fc.nat(50) }), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(runs, fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), (calls, apart) => {
    const [events, intervals]: [string[], { startUs: number; endUs: number }[]] = [[], []];
    let now = 0;
    for (const { pause, before, length, after } of calls) {
      const start = now + pause + before;
      events.push(kernel("x", start, length), run(start, length));
      now = start + length + after;
      intervals.push({ startUs: start - before + apart, endUs: now + apart });
    }
    const operations = operationsOf(file(...events), intervals, 0);
    assert.equal(operations.length, calls.length);
    for (const [index, { startUs, endUs }] of operations.entries()) {
      const interval = intervals[index]!;
      assert.ok(interval.startUs <= startUs && endUs <= interval.endUs);
    }
  }));
});

test("a name with a quote in it breaks its own line, and a file of other runs tells nothing", () => {
  const broken = kernel("name", 12, 1).replace("name_kernel_time", 'na"me_kernel_time');
  assert.deepEqual(operationsOf(file(broken, kernel("b", 14, 1), run(10, 10)), [{ startUs: 10, endUs: 20 }], 0).map(({ name }) => name), ["b"]);
  assert.deepEqual(operationsOf(file(kernel("b", 14, 1), run(10, 10)), [], 0), []);
  for (const text of ["", "garbage", "[1, 2, 3]", "[\n{}\n]"]) assert.deepEqual(operationsOf(text, [], 0), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatAgo, formatBytes, formatPercent, formatRate, formatUs } from "../../../../runtime/cli/format/units.ts";

test("bytes", () => {
  const cases: [number, string][] = [
    [0, "0 B"], [999, "999 B"], [1000, "1.00 kB"], [2_800_000, "2.80 MB"], [24_311_427, "24.3 MB"], [999_499, "999 kB"], [999_600, "1.00 MB"], [5e12, "5.00 TB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

test("times", () => {
  const cases: [number, string][] = [[0, "0 µs"], [842.4, "842 µs"], [1230, "1.23 ms"], [99_960, "100 ms"], [1_200_000, "1.20 s"], [999_600, "1.00 s"]];
  for (const [us, text] of cases) assert.equal(formatUs(us), text);
});

test("a unit never shows four digits before the next one begins", () => {
  const digits = (text: string): number => Number(text.split(" ")[0]);
  fc.assert(fc.property(fc.integer({ min: 0, max: 999_000_000_000 }), (n) => digits(formatBytes(n)) < 1000));
  fc.assert(fc.property(fc.integer({ min: 0, max: 999_000_000 }), (n) => digits(formatUs(n)) < 1000));
});

test("shares, rates and ages", () => {
  assert.equal(formatPercent(0), "0.0 %");
  assert.equal(formatPercent(0.0002), "<0.1 %");
  assert.equal(formatPercent(0.5), "50.0 %");
  assert.equal(formatRate(null), "–");
  assert.equal(formatRate(123.4), "123 tokens/s");
  assert.equal(formatAgo(0, 59_000), "59 s ago");
  assert.equal(formatAgo(0, 3_599_000), "59 min ago");
  assert.equal(formatAgo(0, 7_200_000), "2 h ago");
  assert.equal(formatAgo(0, 200_000_000), "2 d ago");
  assert.equal(formatAgo(1000, 0), "0 s ago", "a clock set back is no reason for -1 s");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatBytes, formatCount, formatDuration, formatGiga, formatMoment, formatPlural, formatRate, formatShare, formatTick } from "../../../../webviews/shared/format.ts";
import { Store } from "../../../../webviews/shared/store.ts";
import { themeKind } from "../../../../webviews/shared/theme.ts";
import { findToken } from "../../../../webviews/shared/token.ts";

test("durations have three digits and the unit that fits", () => {
  const cases: [number, string][] = [
    [0, "0"], [0.001, "< 0.01 µs"], [0.5, "0.5 µs"], [24, "24 µs"], [999.4, "999 µs"], [999.9, "1.00 ms"], [12_345, "12.3 ms"], [281_234, "281 ms"],
    [999_600, "1.00 s"], [1_234_567, "1.23 s"], [119_000_000, "119 s"], [125_000_000, "2 min 05 s"], [-1500, "-1.50 ms"],
  ];
  for (const [us, text] of cases) assert.equal(formatDuration(us), text);
});

test("a longer time never reads as a shorter one", () => {
  const value = (text: string): number => {
    const [, digits, unit] = /^([\d.,]+) (µs|ms|s)$/.exec(text) ?? [];
    return Number(digits?.replaceAll(",", "")) * ({ "µs": 1, ms: 1000, s: 1e6 }[unit ?? ""] ?? Number.NaN);
  };
  fc.assert(fc.property(fc.double({ min: 0.01, max: 1e8, noNaN: true }), fc.double({ min: 0.01, max: 1e8, noNaN: true }), (a, b) => {
    const [low, high] = a < b ? [a, b] : [b, a];
    assert.ok(value(formatDuration(low)) <= value(formatDuration(high)) * (1 + 1e-9), `${formatDuration(low)} and ${formatDuration(high)}`);
  }));
});

test("ticks of one axis can be told apart", () => {
  assert.deepEqual([0, 50_000, 100_000].map((us) => formatTick(us, 50_000)), ["0", "50 ms", "100 ms"]);
  assert.deepEqual([formatTick(1_500_000, 500_000), formatTick(123_456.5, 0.5)], ["1,500 ms", "123.4565 ms"]);
  assert.deepEqual([formatTick(12_000_000, 1_000_000), formatTick(0.2, 0.1)], ["12 s", "0.2 µs"]);
});

test("shares, counts, rates and sizes", () => {
  assert.deepEqual([0, 0.0004, 0.823, 1, Number.NaN].map(formatShare), ["0.0 %", "< 0.1 %", "82.3 %", "100.0 %", "–"]);
  assert.deepEqual([formatCount(1_234_567), formatPlural(1, "token"), formatPlural(2, "token")], ["1,234,567", "1 token", "2 tokens"]);
  assert.deepEqual([formatRate(null), formatRate(212.44)], ["–", "212 tokens/s"]);
  assert.deepEqual([formatGiga(3_000_000, 100, "GB/s"), formatGiga(1, 0, "GFLOP/s")], ["30.0 GB/s", "–"]);
  assert.deepEqual([0, 512, 2048, 5_000_000].map(formatBytes), ["0 B", "512 B", "2.00 KiB", "4.77 MiB"]);
});

test("today's traces show the time, older ones the date too", () => {
  const noon = new Date(2026, 10, 23, 12, 0, 0);
  assert.equal(formatMoment(new Date(2026, 10, 23, 9, 5, 7).toISOString(), noon), "09:05:07");
  assert.equal(formatMoment(new Date(2026, 10, 22, 9, 5, 7).toISOString(), noon), "2026-11-22 09:05:07");
  assert.equal(formatMoment("not a date", noon), "not a date");
});

test("the editor's theme wins, then the address, then what the browser prefers", () => {
  const browser = { bodyClasses: [], asked: null, prefersLight: false, prefersContrast: false };
  assert.equal(themeKind({ ...browser, bodyClasses: ["vscode-high-contrast-light", "vscode-high-contrast"], asked: "dark" }), "hc-light");
  assert.equal(themeKind({ ...browser, bodyClasses: ["vscode-light"] }), "light");
  assert.equal(themeKind({ ...browser, asked: "hc-dark", prefersLight: true }), "hc-dark");
  assert.equal(themeKind({ ...browser, asked: "purple", prefersLight: true }), "light");
  assert.equal(themeKind({ ...browser, prefersLight: true, prefersContrast: true }), "hc-light");
  assert.equal(themeKind(browser), "dark");
});

test("the token comes from the address, else from what the tab remembers", () => {
  assert.deepEqual(findToken({ fragment: "#token=a%2Bb", stored: "old" }), { token: "a+b", fromFragment: true });
  assert.deepEqual(findToken({ fragment: "", stored: "old" }), { token: "old", fromFragment: false });
  assert.equal(findToken({ fragment: "#token=", stored: "" }), null);
});

test("a store tells its listeners of changes, and only of changes", () => {
  const store = new Store((state: number, action: number) => Math.max(state, action), 1);
  const seen: number[] = [];
  const listening = store.subscribe((state) => seen.push(state));
  [3, 2, 5].forEach(store.dispatch);
  listening.dispose();
  store.dispatch(9);
  assert.deepEqual([seen, store.state], [[3, 5], 9]);
});

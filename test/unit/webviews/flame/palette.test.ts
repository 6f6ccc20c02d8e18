import assert from "node:assert/strict";
import { test } from "node:test";
import { spanNames } from "../../../../protocol/trace.ts";
import { oklch, stageColours } from "../../../../webviews/flame/palette.ts";
import type { ThemeKind } from "../../../../webviews/shared/theme.ts";

const themes: ThemeKind[] = ["dark", "light", "hc-dark", "hc-light"];
const names = [...spanNames, "unheard of", "ünïcode", ""];

/** WCAG 2.2's relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

test("text on every stage has at least 4.5:1 in every theme", () => {
  for (const theme of themes) {
    for (const name of names) {
      const { fill, text } = stageColours(name, theme);
      assert.ok(contrast(fill, text) >= 4.5, `${name} in ${theme}: ${contrast(fill, text).toFixed(2)}`);
    }
  }
});

test("in high contrast every stage has an outline that stands out from its fill, elsewhere none", () => {
  for (const name of names) {
    for (const theme of ["hc-dark", "hc-light"] as const) {
      const { fill, line } = stageColours(name, theme);
      assert.ok(line !== null && contrast(fill, line) >= 4.5, `${name} in ${theme}`);
    }
    assert.equal(stageColours(name, "dark").line, null);
  }
});

test("waiting is hatched, so that colour is not its only mark", () => {
  assert.deepEqual(spanNames.filter((name) => stageColours(name, "dark").hatched), ["load", "queue", "wait"]);
});

test("OKLCH converts to the sRGB values of its reference", () => {
  assert.equal(oklch(1, 0, 0), "#ffffff");
  assert.equal(oklch(0, 0, 0), "#000000");
  assert.equal(oklch(0.627955, 0.257683, 29.2339), "#ff0000");
  assert.equal(oklch(0.452014, 0.313214, 264.052), "#0000ff");
});

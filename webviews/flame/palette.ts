import { isHighContrast, type ThemeKind } from "../shared/theme.ts";
import { isKnown } from "./kinds.ts";
import type { SpanName } from "../../protocol/trace.ts";

/** How a stage is drawn. Colour is never alone: the name stands in the bar where it fits, waiting is hatched, and high contrast draws outlines. */
export interface StageColours {
  readonly fill: string;
  readonly text: string;
  /** Outline, in high contrast; null elsewhere. */
  readonly line: string | null;
  /** Waiting, not work. */
  readonly hatched: boolean;
}

/** Hue in degrees of OKLCH and how colourful; related stages have related hues, and the engine's work is warm. */
const hues: Record<SpanName, readonly [hue: number, chroma: number]> = {
  request: [265, 0.015],
  receive: [268, 0.075],
  load: [310, 0.1],
  queue: [95, 0.045],
  dispatch: [285, 0.075],
  "read image": [185, 0.03],
  prompt: [75, 0.03],
  template: [190, 0.08],
  tokenize: [170, 0.08],
  wait: [95, 0.02],
  prefill: [75, 0.12],
  embed: [55, 0.12],
  generate: [38, 0.03],
  decode: [38, 0.13],
  preprocess: [185, 0.09],
  run: [48, 0.13],
  instrument: [320, 0.05],
  operation: [30, 0.08],
  postprocess: [335, 0.09],
  sample: [145, 0.11],
  swap: [20, 0.07],
  detokenize: [345, 0.1],
  send: [210, 0.07],
  return: [285, 0.075],
  "stream write": [230, 0.09],
  respond: [255, 0.09],
};
const waiting: ReadonlySet<string> = new Set<SpanName>(["queue", "wait", "load"]);

/** OKLCH lightness of fills. Equal lightness means equal contrast with the text, whatever the hue; a test holds 4.5:1 for all of them. */
const fillLightness = { dark: 0.47, light: 0.86 };

export function stageColours(name: string, theme: ThemeKind): StageColours {
  const [hue, chroma] = isKnown(name) ? hues[name] : [hueOf(name), 0.08];
  const hatched = waiting.has(name);
  if (isHighContrast(theme)) {
    const dark = theme === "hc-dark";
    return { fill: dark ? "#000000" : "#ffffff", text: dark ? "#ffffff" : "#000000", line: oklch(dark ? 0.82 : 0.42, chroma, hue), hatched };
  }
  const dark = theme === "dark";
  return { fill: oklch(dark ? fillLightness.dark : fillLightness.light, dark ? chroma : chroma * 0.8, hue), text: dark ? "#ffffff" : "#1a1a1a", line: null, hatched };
}

/** Of a difference: from much shorter to much longer. Blue and orange are told apart with any kind of colour vision; the sign stands in the number besides. */
export function toneColours(theme: ThemeKind): readonly StageColours[] {
  const [shorter, longer, same] = [255, 55, 265];
  const tones: readonly (readonly [hue: number, strength: number])[] = [[shorter, 1], [shorter, 0.5], [same, 0], [longer, 0.5], [longer, 1]];
  const dark = theme === "dark" || theme === "hc-dark";
  return tones.map(([hue, strength]) => {
    const chroma = strength === 0 ? 0.01 : 0.13 * strength;
    if (isHighContrast(theme)) return { fill: dark ? "#000000" : "#ffffff", text: dark ? "#ffffff" : "#000000", line: oklch(dark ? 0.82 : 0.42, chroma, hue), hatched: false };
    return { fill: oklch(dark ? fillLightness.dark : fillLightness.light, dark ? chroma : chroma * 0.8, hue), text: dark ? "#ffffff" : "#1a1a1a", line: null, hatched: false };
  });
}

/** A steady hue for a name that the span table does not know. */
function hueOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)!) >>> 0;
  return hash % 360;
}

/** OKLCH to sRGB (Björn Ottosson's matrices, 2020); what lies outside sRGB is clipped. */
export function oklch(lightness: number, chroma: number, hue: number): string {
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${linear.map((value) => Math.round(255 * gamma(Math.min(1, Math.max(0, value)))).toString(16).padStart(2, "0")).join("")}`;
}

const gamma = (value: number): number => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

import { isHighContrast, type ThemeKind } from "../shared/theme.ts";
import type { Theme } from "./draw.ts";
import { stageColours, toneColours } from "./palette.ts";

/** Resolves the page's CSS variables into what a canvas needs. */
export function readTheme(element: HTMLElement, context: CanvasRenderingContext2D, kind: ThemeKind, names: readonly string[]): Theme {
  const style = getComputedStyle(element);
  const read = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  const dark = kind === "dark" || kind === "hc-dark";
  return {
    background: read("--vscode-editor-background", dark ? "#1b1b1c" : "#ffffff"),
    foreground: read("--vscode-foreground", dark ? "#cccccc" : "#303030"),
    muted: read("--vscode-descriptionForeground", dark ? "#a0a0a0" : "#5c5c5c"),
    line: `rgb(${dark ? "255 255 255" : "0 0 0"} / ${isHighContrast(kind) ? 30 : 10}%)`,
    focus: isHighContrast(kind) ? read("--vscode-contrastActiveBorder", "#f38518") : read("--vscode-focusBorder", "#3794ff"),
    font: `11px ${style.fontFamily}`,
    stages: names.map((name) => stageColours(name, kind)),
    tones: toneColours(kind),
    hatch: createHatch(context, dark ? "rgb(255 255 255 / 16%)" : "rgb(0 0 0 / 14%)"),
  };
}

/** Diagonal stripes, drawn once into a small tile. */
function createHatch(context: CanvasRenderingContext2D, colour: string): CanvasPattern | null {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  if (pen === null) return null;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  for (const offset of [-8, 0, 8]) {
    pen.beginPath();
    pen.moveTo(offset - 1, 9);
    pen.lineTo(offset + 9, -1);
    pen.stroke();
  }
  return context.createPattern(tile, "repeat");
}

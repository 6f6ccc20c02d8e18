import { formatDuration, formatMoment } from "../shared/format.ts";
import type { Chart } from "./chart.ts";
import type { FlameState } from "./model.ts";
import { strings } from "./strings.ts";
import type { Track } from "./tracks.ts";

/** A track's heading. Where two traces are open it says whose the track is. */
export function trackLabel({ kind, layer, trace }: Track, { mode, shown, other, timeline }: Pick<FlameState, "mode" | "shown" | "other" | "timeline">): string {
  const opened = trace === 0 ? shown : other;
  const what = kind === "layer" ? strings.layer(layer ?? 0) : strings.tracks[kind];
  const lane = timeline?.lanes[trace];
  if (mode === "time" && lane !== undefined) return kind === "stages" ? lane : `${lane} · ${what}`;
  if (mode !== "time" || other === null || opened === null) return what;
  const whose = `${trace === 0 ? "A" : "B"} · ${opened.trace.model} · ${formatMoment(opened.trace.startedAt, new Date())}`;
  return kind === "stages" ? whose : `${trace === 0 ? "A" : "B"} · ${what}`;
}

/** What stands behind a box's name: how long it is, or by how much it grew. */
export function valueOf(chart: Chart): (index: number) => string {
  if (chart.mode === "compare") return (index) => formatDifference(chart.difference.afterUs[index]! - chart.difference.beforeUs[index]!);
  const { layout } = chart;
  if (chart.mode === "time") return (index) => formatDuration(layout.endUs[index]! - layout.startUs[index]!);
  return (index) => formatDuration(chart.merged.totalUs[index]!);
}

/** A length of time with its sign; none is `±0`. */
export function formatDifference(us: number): string {
  if (Math.abs(us) < 0.005) return "±0";
  return us > 0 ? `+${formatDuration(us)}` : `−${formatDuration(-us)}`;
}

/** A ratio as a difference in per cent, with its sign. */
export function formatGrowth(part: number | null): string {
  if (part === null || !Number.isFinite(part)) return "–";
  const percent = part * 100;
  if (Math.abs(percent) < 0.05) return "±0 %";
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0)} %`;
}

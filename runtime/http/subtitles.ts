import type { SpokenSegment } from "../../protocol/infer.ts";

/** SubRip. */
export const srt = (segments: readonly SpokenSegment[]): string =>
  segments.map(({ start, end, text }, index) => `${index + 1}\n${clock(start, ",")} --> ${clock(end, ",")}\n${text.trim()}\n`).join("\n");

/** WebVTT. */
export const vtt = (segments: readonly SpokenSegment[]): string =>
  ["WEBVTT\n", ...segments.map(({ start, end, text }) => `${clock(start, ".")} --> ${clock(end, ".")}\n${text.trim()}\n`)].join("\n");

function clock(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1000);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${point}${String(ms % 1000).padStart(3, "0")}`;
}

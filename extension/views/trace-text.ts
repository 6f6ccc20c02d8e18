import type { TraceSummary } from "../../protocol/trace.ts";
import { rate } from "../status/status-text.ts";
import type { Translate } from "../translate.ts";
import { escapeMarkdown, type ItemText } from "./model-text.ts";

const icons = {
  running: ["loading~spin", undefined],
  ok: ["flame", undefined],
  error: ["error", "testing.iconFailed"],
  cancelled: ["circle-slash", undefined],
} as const satisfies Record<TraceSummary["status"], readonly [icon: string, color: string | undefined]>;

/** How a trace looks in the Traces view and in the list to pick one from. */
export function traceText(trace: TraceSummary, t: Translate): ItemText & { readonly label: string } {
  const [icon, color] = icons[trace.status];
  const parts = [duration(trace.durationUs), t("{0} tokens", trace.completionTokens)];
  if (trace.tokensPerSecond !== null) parts.push(t("{0} tokens/s", rate(trace.tokensPerSecond)));
  if (trace.errorCode !== null) parts.unshift(trace.errorCode);
  return { label: `${trace.model} ${timeOfDay(trace.startedAt)}`, description: parts.join(" · "), tooltip: tooltip(trace, t), icon, color };
}

function tooltip(trace: TraceSummary, t: Translate): string {
  const lines = [
    `**${escapeMarkdown(trace.model)}** ${escapeMarkdown(trace.route)}`,
    t("Started: {0}", escapeMarkdown(trace.startedAt)),
    t("Prompt: {0} tokens, answer: {1} tokens", trace.promptTokens, trace.completionTokens),
    ...(trace.ttftUs === null ? [] : [t("Time to first token: {0}", duration(trace.ttftUs))]),
    t("Trace: {0}", escapeMarkdown(trace.id)),
  ];
  return lines.join("\n\n");
}

/** Microseconds in the unit that leaves one to three digits before the point. */
export function duration(microseconds: number): string {
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  const milliseconds = microseconds / 1000;
  if (milliseconds < 1000) return `${milliseconds < 10 ? milliseconds.toFixed(1) : String(Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  return `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
}

function timeOfDay(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

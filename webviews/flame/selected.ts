import { formatCount, formatDuration, formatPlural, formatShare } from "../shared/format.ts";
import { membersOf, type Chart, type Timeline } from "./chart.ts";
import { formatDifference, formatGrowth } from "./labels.ts";
import type { FlameState } from "./model.ts";
import type { Hits } from "./search.ts";
import { strings } from "./strings.ts";
import { summarise } from "./summary.ts";

type Chosen = Pick<FlameState, "chart" | "timeline" | "shown" | "selected" | "picked" | "hits">;

/** A function that remembers its last answer: panning changes nothing about what is selected, and summing up takes a pass over all spans. */
export function remembering(): (state: FlameState) => string {
  let last: { readonly of: Chosen; readonly text: string } | null = null;
  return (state) => {
    const old = last?.of;
    if (last !== null && old?.chart === state.chart && old.selected === state.selected && old.picked === state.picked && old.hits === state.hits) return last.text;
    last = { of: state, text: summaryText(state) };
    return last.text;
  };
}

/** What is selected in one line: of several spans their number, sums and spread. Empty when nothing is. */
export function summaryText({ chart, timeline, shown, selected, picked, hits }: Chosen): string {
  if (chart === null || timeline === null || shown === null) return "";
  const boxes = picked.length > 0 ? picked : selected !== -1 ? [selected] : null;
  if (chart.mode === "compare") return boxes === null ? "" : differenceText(chart, boxes);
  const own = chart.mode === "time" ? timeline : shown.timeline;
  const spans = boxes === null ? (hits === null || hits.found.length === 0 ? null : spansOf(chart, own, hits)) : boxes.length === 1 ? membersOf(chart, boxes[0]!) : spansOf(chart, own, maskOf(chart, boxes));
  if (spans === null) return "";
  if (spans.length === 0 && chart.mode === "sandwich" && boxes !== null) return callersText(chart, boxes);
  const { count, totalUs, selfUs, minUs, medianUs, p95Us } = summarise(own.layout, own.self, spans);
  const { summary } = strings;
  const parts = [formatPlural(count, "span"), `${formatDuration(totalUs)} ${summary.total}`, `${formatDuration(selfUs)} ${summary.self}`, formatShare(totalUs / shown.trace.durationUs)];
  if (count > 1) parts.push(`${summary.min} ${formatDuration(minUs)}`, `${summary.median} ${formatDuration(medianUs)}`, `${summary.p95} ${formatDuration(p95Us)}`);
  return parts.join(" · ");
}

function maskOf({ layout }: Chart, boxes: readonly number[]): Pick<Hits, "mask" | "found"> {
  const mask = new Uint8Array(layout.count);
  for (const index of boxes) mask[index] = 1;
  return { mask, found: Uint32Array.from(boxes) };
}

/** All spans of these boxes, in ascending order. */
function spansOf(chart: Exclude<Chart, { mode: "compare" }>, { layout }: Timeline, { mask, found }: Pick<Hits, "mask" | "found">): Uint32Array {
  if (chart.mode === "time") return found;
  const spans: number[] = [];
  for (let span = 0; span < layout.count; span++) {
    const box = chart.merged.indexOf[span]!;
    if (box !== -1 && mask[box] === 1) spans.push(span);
  }
  return Uint32Array.from(spans);
}

/** Callers are known by what they spent in the middle, not span by span. */
function callersText(chart: Extract<Chart, { mode: "sandwich" }>, boxes: readonly number[]): string {
  let [spans, totalUs] = [0, 0];
  for (const index of boxes) {
    spans += chart.merged.spans[index]!;
    totalUs += chart.merged.totalUs[index]!;
  }
  return `${formatPlural(spans, "span")} · ${formatDuration(totalUs)} ${strings.summary.total}`;
}

function differenceText({ difference: { beforeUs, afterUs, beforeSpans, afterSpans }, layout }: Extract<Chart, { mode: "compare" }>, boxes: readonly number[]): string {
  const chosen = new Set(boxes);
  let [before, after, spansBefore, spansAfter] = [0, 0, 0, 0];
  for (const index of boxes) {
    // A box inside another chosen one is in its sum already.
    let over = layout.parent[index]!;
    while (over !== -1 && !chosen.has(over)) over = layout.parent[over]!;
    if (over !== -1) continue;
    before += beforeUs[index]!;
    after += afterUs[index]!;
    spansBefore += beforeSpans[index]!;
    spansAfter += afterSpans[index]!;
  }
  const growth = formatGrowth(before > 0 ? after / before - 1 : null);
  return [
    `${formatDuration(before)} → ${formatDuration(after)}`, `${formatDifference(after - before)} (${growth})`, `${formatCount(spansBefore)} → ${formatPlural(spansAfter, "span")}`,
  ].join(" · ");
}

import type { Chart } from "./chart.ts";

/** What was selected in one view, in another one of the same traces: the box of the same span, or else the first of the same name. */
export function carrySelection(from: Chart, to: Chart, selected: number): number {
  if (selected === -1) return -1;
  const span = spanOf(from, selected);
  const found = span === -1 ? -1 : boxOf(to, span);
  if (found >= 0 && found < to.layout.count && nameAt(to, found) === nameAt(from, selected)) return found;
  const place = to.layout.names.indexOf(nameAt(from, selected));
  return place === -1 ? -1 : to.layout.name.indexOf(place);
}

/** A span in a later reading of the same trace, which may hold more spans or fewer: the one of its name that begins when it did. */
export function sameSpan(before: Chart | null, after: Chart | null, selected: number): number {
  if (before === null || after === null || selected === -1) return -1;
  const [start, name] = [before.layout.startUs[selected]!, nameAt(before, selected)];
  const { startUs, count } = after.layout;
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startUs[middle]! < start) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < count && startUs[index] === start; index++) if (nameAt(after, index) === name) return index;
  return -1;
}

const nameAt = ({ layout }: Chart, index: number): string => layout.names[layout.name[index]!]!;

/** The first span that the box stands for. */
function spanOf(chart: Chart, index: number): number {
  if (chart.mode === "time") return index;
  return chart.mode === "compare" ? -1 : chart.merged.indexOf.indexOf(index);
}

function boxOf(chart: Chart, span: number): number {
  if (chart.mode === "time") return span;
  return chart.mode === "compare" ? -1 : (chart.merged.indexOf[span] ?? -1);
}

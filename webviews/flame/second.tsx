import { formatDuration, formatMoment } from "../shared/format.ts";
import type { Opened, TraceFacts } from "./opened.ts";
import { strings } from "./strings.ts";

/** Which two traces are compared. */
export function Second({ shown, other }: { readonly shown: Opened; readonly other: Opened }) {
  return <p class="second-line muted">{strings.comparing(describe(shown.trace), describe(other.trace))}</p>;
}

const describe = ({ model, startedAt, durationUs }: TraceFacts): string => `${model}, ${formatMoment(startedAt, new Date())}, ${formatDuration(durationUs)}`;

import type { DebugStage } from "../../../protocol/api/debug.ts";
import type { Translate } from "../../translate.ts";
import { leaf, type Node } from "./nodes.ts";
import { percent, quoted } from "./token-lines.ts";

/** Of those that a stage took away, so many are named. */
const mostRemoved = 5;

/** The candidates that a stage left, with their logits before and after it, and those that it took away. */
export function candidateNodes(stage: DebugStage, previous: DebugStage | undefined, t: Translate): readonly Node[] {
  const before = new Map(previous?.candidates.map(({ id, logit }) => [id, logit]));
  const left = stage.candidates.map(({ id, text, logit, probability }): Node => {
    const was = before.get(id);
    const changed = was === undefined || was === logit ? logit.toFixed(2) : `${was.toFixed(2)} → ${logit.toFixed(2)}`;
    return {
      name: quoted(text), value: `${percent(probability)} · ${changed}${stage.chosen === id ? ` · ${t("chosen")}` : ""}`,
      children: () => [leaf("id", id), leaf(t("logit before"), was ?? null), leaf(t("logit after"), logit), leaf("probability", probability)],
    };
  });
  // Only the best are listed: where more were kept than are listed, one that is missing may still be there.
  const known = new Set(stage.candidates.map(({ id }) => id));
  const gone = stage.candidates.length < stage.kept ? [] : (previous?.candidates ?? []).filter(({ id }) => !known.has(id)).slice(0, mostRemoved);
  return [
    ...Object.entries(stage.settings).map(([name, value]) => leaf(name, value)),
    ...left,
    ...gone.map(({ text, logit }) => leaf(quoted(text), `${logit.toFixed(2)} → ${t("removed")}`)),
  ];
}

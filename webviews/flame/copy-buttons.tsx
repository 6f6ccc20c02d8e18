import { useState } from "preact/hooks";
import { IconButton } from "../shared/icon-button.tsx";
import type { Context } from "./context.ts";
import { copyOf, rowsToCopy, stageTable, tableOf } from "./table.ts";
import { strings } from "./strings.ts";

/** Copies the table that is shown: what was picked, found, or is in view. */
export function CopyButtons({ context: { store, copy } }: { readonly context: Context }) {
  const [said, setSaid] = useState("");
  const copyAs = (format: "tsv" | "markdown") => () => {
    const { chart, timeline, shown, tab, sort, picked, hits, view } = store.state;
    if (chart === null || timeline === null || shown === null) return;
    const table = tab === "stages" ? stageTable(shown.stages, sort) : tableOf(chart, timeline, shown.trace.durationUs);
    const rows = tab === "stages" ? Array.from({ length: table.count }, (_, row) => row) : rowsToCopy(chart, picked, hits?.found ?? null, view);
    const result = copyOf(table, rows, format);
    copy(result.text);
    setSaid(result.said);
  };
  return (
    <span class="copy">
      <span class="muted" role="status">{said}</span>
      <IconButton icon="copy" label={strings.copyTsv} onClick={copyAs("tsv")} />
      <IconButton icon="markdown" label={strings.copyMarkdown} onClick={copyAs("markdown")} />
    </span>
  );
}

import { useEffect, useState } from "preact/hooks";
import { formatCount, formatDuration, formatShare } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import type { Opened } from "./opened.ts";
import { sortStages, type Stage, type StageColumn } from "./stages.ts";
import { strings } from "./strings.ts";
import { Swatch } from "./swatch.tsx";

const columns: readonly StageColumn[] = ["name", "count", "totalUs", "share", "meanUs", "p50Us", "p95Us"];

/** All spans of one name in one line: where the time went. */
export function StageTable({ shown, context }: { readonly shown: Opened; readonly context: Context }) {
  const { store } = context;
  const stages = useStages(shown);
  const sort = useSelect(store, (state) => state.sort);
  const selectedName = useSelect(store, ({ chart, selected }) => (chart === null || selected === -1 ? null : chart.layout.names[chart.layout.name[selected]!]));
  return (
    <table class="stages">
      <thead>
        <tr>
          {columns.map((column) => {
            const sorted = sort.column === column;
            return (
              <th key={column} scope="col" aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : "none"}>
                <button type="button" onClick={() => store.dispatch({ type: "sort", column })}>
                  {strings.columns[column]}
                  <vscode-icon name={sorted ? (sort.descending ? "arrow-small-down" : "arrow-small-up") : "blank"} />
                </button>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {sortStages(stages, sort).map((stage) => <StageRow key={stage.name} stage={stage} context={context} current={stage.name === selectedName} />)}
      </tbody>
    </table>
  );
}

/** Those of the trace before, or none, until the graph's first picture is out: medians of a million spans would hold it up. */
function useStages(shown: Opened): readonly Stage[] {
  const [stages, setStages] = useState<readonly Stage[]>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => (timer = setTimeout(() => setStages(shown.stages))));
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [shown]);
  return stages;
}

function StageRow({ stage, context, current }: { readonly stage: Stage; readonly context: Context; readonly current: boolean }) {
  const search = () => context.store.dispatch({ type: "search", query: { text: stage.name, isPattern: false } });
  return (
    <tr aria-current={current ? "true" : undefined}>
      <th scope="row">
        <button type="button" class="name" title={strings.findStage} onClick={search}>
          <Swatch name={stage.name} themes={context.themes} />
          {stage.name}
        </button>
        {stage.kind === "beside" && <span class="note" title={strings.besideNote}>{strings.beside}</span>}
      </th>
      <td>{formatCount(stage.count)}</td>
      <td>{formatDuration(stage.totalUs)}</td>
      <td class="share">
        {stage.kind === "group" ? formatShare(stage.share) : <ShareBar share={stage.share} />}
      </td>
      <td>{formatDuration(stage.meanUs)}</td>
      <td>{formatDuration(stage.p50Us)}</td>
      <td>{formatDuration(stage.p95Us)}</td>
    </tr>
  );
}

const ShareBar = ({ share }: { readonly share: number }) => (
  <>
    <i class="bar" aria-hidden="true">
      <i style={{ width: `${Math.min(100, share * 100)}%` }} />
    </i>
    <span>{formatShare(share)}</span>
  </>
);

import type { ComponentChildren } from "preact";
import { formatCount, formatDuration, formatPlural, formatRate, formatShare } from "../shared/format.ts";
import type { FilePart } from "../../protocol/panels/flame-file.ts";
import type { Timeline } from "./chart.ts";
import type { Opened } from "./opened.ts";
import { strings } from "./strings.ts";

const statusIcons = { ok: "pass", error: "error", cancelled: "circle-slash", running: "loading" } as const;

/** The request in one line. */
export function Facts({ shown }: { readonly shown: Opened }) {
  const { trace, accounted, timeline, file } = shown;
  const { facts } = strings;
  if (file !== null && trace.route === "") return <FileFacts file={file} timeline={timeline} />;
  return (
    <dl class="facts">
      <Fact name={facts.status} tone={trace.status}>
        <vscode-icon name={statusIcons[trace.status]} spin={trace.status === "running"} />
        {strings.status[trace.status]}
        {trace.errorCode !== null && <code>{trace.errorCode}</code>}
      </Fact>
      <Fact name={facts.wall}>{formatDuration(trace.durationUs)}</Fact>
      <Fact name={facts.ttft}>{trace.ttftUs === null ? "–" : formatDuration(trace.ttftUs)}</Fact>
      <Fact name={facts.rate}>{formatRate(trace.tokensPerSecond)}</Fact>
      <Fact name={facts.prompt}>{formatPlural(trace.promptTokens, "token")}</Fact>
      <Fact name={facts.completion}>{formatPlural(trace.completionTokens, "token")}</Fact>
      <Fact name={facts.accounted} title={strings.accountedNote}>{formatShare(accounted)}</Fact>
      <Fact name={strings.trace}>
        <code title={`${trace.route}, ${formatCount(timeline.layout.count)} spans`}>{trace.id}</code>
      </Fact>
    </dl>
  );
}

/** A file of another program: what is known of it. */
function FileFacts({ file, timeline }: { readonly file: FilePart; readonly timeline: Timeline }) {
  const { facts } = strings;
  const { startUs, endUs } = timeline.layout.bounds;
  return (
    <dl class="facts">
      <Fact name={facts.file}>{file.name}</Fact>
      <Fact name={facts.format}>{file.format}</Fact>
      <Fact name={facts.wall}>{formatDuration(endUs - startUs)}</Fact>
      <Fact name={facts.spans}>{formatCount(file.spans)}</Fact>
    </dl>
  );
}

interface FactProps {
  readonly name: string;
  readonly children: ComponentChildren;
  readonly tone?: string;
  readonly title?: string;
}

const Fact = ({ name, children, tone, title }: FactProps) => (
  <div class="fact" data-tone={tone} title={title}>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

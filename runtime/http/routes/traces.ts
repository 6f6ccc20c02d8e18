import { InfernoError } from "../../../protocol/errors.ts";
import { routes } from "../../../protocol/routes.ts";
import { exporters } from "../../../protocol/trace-convert/formats.ts";
import { zlibDeflate } from "../../trace-file/zlib-deflate.ts";
import { redact } from "../../../protocol/trace-file/redact.ts";
import { contentOf } from "../../../protocol/trace-file/request-trace.ts";
import { withTokens } from "../../../protocol/trace-file/token-tables.ts";
import { encodeWhole } from "../../../protocol/trace-file/whole.ts";
import type { Trace } from "../../../protocol/trace.ts";
import type { TraceContent } from "../../../protocol/trace-file/content.ts";
import type { TraceLog } from "../../trace/log.ts";
import { mount, type Mounted } from "../mount.ts";

export function mountTraceRoutes(to: Mounted, traces: TraceLog): void {
  const traceOf = (id: string): Trace => {
    const trace = traces.get(id);
    if (trace === null) throw unknown(id);
    return trace;
  };
  const contentFor = (id: string, redacted: "true" | "false"): TraceContent => {
    const trace = contentOf(traceOf(id));
    const tokens = traces.tokens(id, undefined);
    const content = tokens === null ? trace : withTokens(trace, tokens);
    return redacted === "true" ? redact(content) : content;
  };
  mount(to, routes.otlpTraces, ({ body }) => traces.application.take(body));
  mount(to, routes.traces, ({ query }) => ({ traces: traces.list(query.limit) }));
  mount(to, routes.trace, ({ params }) => traceOf(params.id));
  mount(to, routes.traceFile, async ({ params, query }) => await encodeWhole(contentFor(params.id, query.redact), { deflate: zlibDeflate }));
  mount(to, routes.traceExport, ({ params, query }) => new TextEncoder().encode(exporters[query.format](contentFor(params.id, query.redact))));
  mount(to, routes.traceTokens, ({ params, query }) => {
    const tokens = traces.tokens(params.id, query.answer);
    if (tokens === null) throw unknown(params.id);
    return tokens;
  });
}

const unknown = (id: string): InfernoError => new InfernoError("trace_not_found", `No trace has the id "${id}".`, { param: "id" });

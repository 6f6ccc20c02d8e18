import { InfernoError } from "../../../protocol/errors.ts";
import { routes } from "../../../protocol/routes.ts";
import type { TraceLog } from "../../trace/log.ts";
import { mount, type Mounted } from "../mount.ts";

export function mountTraceRoutes(to: Mounted, traces: TraceLog): void {
  mount(to, routes.traces, ({ query }) => ({ traces: traces.list(query.limit) }));
  mount(to, routes.trace, ({ params }) => {
    const trace = traces.get(params.id);
    if (trace === null) throw unknown(params.id);
    return trace;
  });
  mount(to, routes.traceTokens, ({ params, query }) => {
    const tokens = traces.tokens(params.id, query.answer);
    if (tokens === null) throw unknown(params.id);
    return tokens;
  });
}

const unknown = (id: string): InfernoError => new InfernoError("trace_not_found", `No trace has the id "${id}".`, { param: "id" });

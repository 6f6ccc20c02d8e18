import { spanTable, type SpanName } from "../../protocol/trace.ts";

export type SpanKind = "group" | "leaf" | "beside";

export const isKnown = (name: string): name is SpanName => Object.hasOwn(spanTable, name);
/** What the span table says of a name; other programs' spans are work. */
export const kindOf = (name: string): SpanKind => (isKnown(name) ? spanTable[name].kind : "leaf");

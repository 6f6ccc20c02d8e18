import { z } from "zod";
import type { SpanAttributes } from "../trace.ts";
import { attributeOf } from "./foreign.ts";

/** Spans of OpenTelemetry, as its JSON words them. What is not needed here (events, links, flags) is left out. */

const AnyValue = z.record(z.string(), z.unknown());
export const Attribute = z.object({ key: z.string(), value: AnyValue.optional() });
/** Texts are the rule; a number has lost some digits already, but is how careless programs write them. */
const nanoseconds = z.union([z.string().regex(/^\d{1,20}$/, "nanoseconds since 1970 are wanted"), z.number().min(0).max(2 ** 64)]);
export const OtlpSpan = z.object({
  traceId: z.string(), spanId: z.string(), parentSpanId: z.string().nullish(), name: z.string().default(""),
  startTimeUnixNano: nanoseconds, endTimeUnixNano: nanoseconds, attributes: z.array(Attribute).default([]),
  status: z.object({ code: z.union([z.number(), z.string()]).optional(), message: z.string().optional() }).nullish(),
});
export type OtlpSpan = z.infer<typeof OtlpSpan>;

export const nanosecondsOf = (time: OtlpSpan["startTimeUnixNano"]): bigint => BigInt(typeof time === "number" ? Math.round(time) : time);

/** What a span says of itself, and why it failed. */
export const factsOf = ({ attributes, status }: OtlpSpan): SpanAttributes => ({ ...attributesOf(attributes), ...(status?.message !== undefined && { "status.message": status.message }) });

export function attributesOf(list: readonly z.infer<typeof Attribute>[]): SpanAttributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, scalarOf(value)]));
}

/** Lists and maps stay JSON. */
function scalarOf(value: z.infer<typeof AnyValue> | undefined): SpanAttributes[string] {
  if (typeof value?.["intValue"] === "string") {
    const number = Number(value["intValue"]);
    return Number.isSafeInteger(number) ? number : value["intValue"];
  }
  return attributeOf(value?.["stringValue"] ?? value?.["intValue"] ?? value?.["doubleValue"] ?? value?.["boolValue"] ?? value?.["bytesValue"] ?? value ?? "");
}

import { z } from "zod";
import { Attribute } from "../trace-convert/otlp-json.ts";

/** OTLP/HTTP as JSON. What a span must be is checked one by one: a bad one does not cost the others. */
export const OtlpTracesRequest = z.object({
  resourceSpans: z.array(z.object({
    resource: z.object({ attributes: z.array(Attribute).default([]) }).nullish(),
    scopeSpans: z.array(z.object({ spans: z.array(z.unknown()).default([]) })).default([]),
  })).default([]).meta({ description: "Spans by resource and scope; `service.name` of the resource names the application." }),
}).meta({ id: "OtlpTracesRequest" });
export type OtlpTracesRequest = z.infer<typeof OtlpTracesRequest>;

export const OtlpTracesResponse = z.object({
  partialSuccess: z.object({
    rejectedSpans: z.string().meta({ description: "How many were not taken: a 64-bit number, which is a text in protobuf's JSON." }),
    errorMessage: z.string().meta({ description: "Why, of the first one." }),
  }).optional().meta({ description: "Absent when all spans were taken. Sending them again changes nothing." }),
}).meta({ id: "OtlpTracesResponse" });
export type OtlpTracesResponse = z.infer<typeof OtlpTracesResponse>;

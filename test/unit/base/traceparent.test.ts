import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { callerOf } from "../../../base/traceparent.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

describe("the header traceparent", () => {
  for (const header of [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-00`, ` 00-${traceId}-${spanId}-ff `, `cc-${traceId}-${spanId}-01`, `cc-${traceId}-${spanId}-01-what-the-future-brings`]) {
    test(`names a caller: ${header}`, () => assert.deepEqual(callerOf(header), { traceId, spanId }));
  }
  const invalid: Record<string, string | string[] | undefined> = {
    absent: undefined,
    "sent twice": [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-01`],
    "sent twice, as Node joins them": `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
    empty: "",
    "of the forbidden version": `ff-${traceId}-${spanId}-01`,
    "of version 00 with more": `00-${traceId}-${spanId}-01-more`,
    "of a later version that runs on": `cc-${traceId}-${spanId}-01more`,
    "in capitals": `00-${traceId.toUpperCase()}-${spanId}-01`,
    "without a trace": `00-${"0".repeat(32)}-${spanId}-01`,
    "without a span": `00-${traceId}-${"0".repeat(16)}-01`,
    "with a short id": `00-${traceId.slice(1)}-${spanId}-01`,
    "with a long id": `00-${traceId}-${spanId}0-01`,
    "without flags": `00-${traceId}-${spanId}`,
    "with flags that are none": `00-${traceId}-${spanId}-x1`,
    "of a hundred thousand dashes": "-".repeat(100_000),
  };
  for (const [what, header] of Object.entries(invalid)) test(`counts as none: ${what}`, () => assert.equal(callerOf(header), null));
});

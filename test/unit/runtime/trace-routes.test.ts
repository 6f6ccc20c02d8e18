import assert from "node:assert/strict";
import { test } from "node:test";
import type { InfernoError } from "../../../protocol/errors.ts";
import { exportFormats } from "../../../protocol/trace-convert/format-names.ts";
import { importTrace } from "../../../protocol/trace-convert/formats.ts";
import { tracesOf } from "../../../protocol/trace-file/request-trace.ts";
import { startMemoryGateway } from "../../drivers/memory-gateway.ts";

test("a recorded request as a file, redacted, and in other formats", async () => {
  await using it = await startMemoryGateway({ models: { echo: { source: "fake:echo?stepUs=100&tokenUs=10&sampleUs=7" } } });
  await it.client.call("chatCompletions", { body: { model: "echo", messages: [{ role: "user", content: "mulberry" }] } });
  const id = (await it.client.call("traces")).traces[0]!.id;
  const trace = await it.client.call("trace", { params: { id } });
  assert.match(trace.prompt ?? "", /mulberry/);

  const file = await importTrace(await it.client.call("traceFile", { params: { id } }));
  assert.deepEqual([tracesOf(file), file.repairs], [[trace], []]);
  const redacted = await importTrace(await it.client.call("traceFile", { params: { id }, query: { redact: "true" } }));
  assert.doesNotMatch(JSON.stringify(redacted), /mulberry|echo/);
  assert.equal(redacted.spans.length, trace.spans.length);
  for (const format of exportFormats) {
    const found = await importTrace(await it.client.call("traceExport", { params: { id }, query: { format } }));
    assert.ok(found.spans.some(({ name }) => name === "decode" || name === "prefill" || name === "receive"), format);
    const safe = new TextDecoder().decode(await it.client.call("traceExport", { params: { id }, query: { format, redact: "true" } }));
    assert.doesNotMatch(safe, /mulberry/);
  }
  await assert.rejects(it.client.call("traceFile", { params: { id: "nope" } }), (error: InfernoError) => error.code === "trace_not_found");
});

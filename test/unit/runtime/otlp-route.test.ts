import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorBody } from "../../../protocol/errors.ts";
import { importTrace } from "../../../protocol/trace-convert/formats.ts";
import { Trace } from "../../../protocol/trace.ts";
import { startMemoryGateway, type MemoryGateway } from "../../drivers/memory-gateway.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const [outer, inner] = ["b7ad6b7169203331", "00f067aa0ba902b7"];
const start = () => startMemoryGateway({ models: { echo: { source: "fake:echo?stepUs=100&tokenUs=10&sampleUs=7" } } });

async function send(it: MemoryGateway, path: string, body: string, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown; traceId: string | null }> {
  const { port } = it.gateway.http.server.address() as { port: number };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body, headers: { authorization: "Bearer token", "content-type": "application/json", ...headers } });
  return { status: answer.status, body: await answer.json(), traceId: answer.headers.get("x-inferno-trace-id") };
}

const chat = JSON.stringify({ model: "echo", messages: [{ role: "user", content: "mulberry" }] });

function spans(): string {
  const [from, to] = [`${Date.now() - 1000}000000`, `${Date.now() + 1000}000000`];
  return JSON.stringify({
    resourceSpans: [{
      resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
      scopeSpans: [{
        scope: { name: "http" },
        spans: [
          { traceId, spanId: inner, parentSpanId: outer, name: "POST", kind: 3, startTimeUnixNano: from, endTimeUnixNano: to, attributes: [], events: [], links: [], flags: 257, droppedAttributesCount: 0 },
          { traceId, spanId: outer, name: "checkout <b>", kind: 2, startTimeUnixNano: from, endTimeUnixNano: to },
        ],
      }],
    }],
  });
}

test("spans of the caller join the request's trace, in the API, in files and in OTLP", async () => {
  await using it = await start();
  const { traceId: id } = await send(it, "/v1/chat/completions", chat, { traceparent: `00-${traceId}-${inner}-01` });
  assert.ok(id);
  assert.deepEqual(await send(it, "/v1/traces", spans()), { status: 200, body: {}, traceId: null });
  const trace = await it.client.call("trace", { params: { id } });
  assert.deepEqual(Trace.parse(trace).caller, { traceId, spanId: inner });
  assert.deepEqual(trace.application?.spans.map(({ name, parentId }) => [name, parentId]), [["POST", outer], ["checkout <b>", null]]);
  assert.equal(trace.spans.filter(({ parentId }) => parentId === null).length, 1);

  const file = await importTrace(await it.client.call("traceFile", { params: { id } }));
  const joined = new Map(file.spans.map((span) => [span.id, span]));
  assert.deepEqual([joined.get("0")?.parentId, joined.get(inner)?.parentId, joined.get(outer)?.parentId], [inner, outer, null]);
  assert.match(file.meta.notes.join(" "), /Spans of the application: 2/);

  const otlp = JSON.parse(new TextDecoder().decode(await it.client.call("traceExport", { params: { id }, query: { format: "otlp" } }))) as {
    resourceSpans: { resource: { attributes: { value: { stringValue: string } }[] }; scopeSpans: { spans: { traceId: string; spanId: string; parentSpanId?: string; name: string }[] }[] }[];
  };
  assert.deepEqual(otlp.resourceSpans.map(({ resource }) => resource.attributes[0]?.value.stringValue), ["inferno", "shop"]);
  const all = otlp.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  assert.ok(all.every((span) => span.traceId === traceId));
  assert.deepEqual(all.find(({ name }) => name === "chat echo")?.parentSpanId, inner);
  assert.deepEqual(all.find(({ name }) => name === "checkout <b>")?.spanId, outer);

  const redacted = JSON.stringify(await importTrace(await it.client.call("traceFile", { params: { id }, query: { redact: "true" } })));
  assert.doesNotMatch(redacted, new RegExp(`mulberry|checkout|shop|${traceId}|${outer}`));
});

test("spans that come before the request, and a caller of which nothing comes", async () => {
  await using it = await start();
  await send(it, "/v1/traces", spans());
  const { traceId: id } = await send(it, "/v1/chat/completions", chat, { traceparent: `00-${traceId}-${inner}-00` });
  assert.equal((await it.client.call("trace", { params: { id: id! } })).application?.spans.length, 2);
  const other = await send(it, "/v1/chat/completions", chat, { traceparent: `00-${traceId.replace("0", "1")}-${inner}-00` });
  const alone = await it.client.call("trace", { params: { id: other.traceId! } });
  assert.deepEqual([alone.caller?.spanId, alone.application], [inner, undefined]);
  const without = await send(it, "/v1/chat/completions", chat, { traceparent: "00-nonsense" });
  assert.equal((await it.client.call("trace", { params: { id: without.traceId! } })).caller, undefined);
});

describe("what is answered to what is no OTLP", () => {
  const refused: [what: string, body: string, headers: Record<string, string>, status: number, code: string][] = [
    ["nothing of JSON", "{", {}, 400, "invalid_json"],
    ["a list", "[]", {}, 400, "invalid_request"],
    ["spans where there are none", JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: 1e9 }] }] }), {}, 400, "invalid_request"],
    ["too much", JSON.stringify({ resourceSpans: [], more: "x".repeat(5 * 1024 * 1024) }), {}, 413, "body_too_large"],
    ["too deep", `{"resourceSpans":${"[".repeat(5000)}${"]".repeat(5000)}}`, {}, 400, "invalid_request"],
    ["another format", "x", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    ["protobuf", "x", { "content-type": "application/x-protobuf" }, 415, "unsupported_media_type"],
    ["compressed JSON", "{}", { "content-encoding": "gzip" }, 415, "unsupported_media_type"],
    ["no token", "{}", { authorization: "" }, 401, "unauthorized"],
    ["another page's origin", "{}", { origin: "https://example.com" }, 403, "forbidden_origin"],
  ];
  for (const [what, body, headers, status, code] of refused) {
    test(what, async () => {
      await using it = await start();
      const answer = await send(it, "/v1/traces", body, headers);
      assert.deepEqual([answer.status, (answer.body as ErrorBody).error.code], [status, code]);
    });
  }

  test("what is taken is named", async () => {
    await using it = await start();
    const { error } = (await send(it, "/v1/traces", "x", { "content-type": "application/x-protobuf" })).body as ErrorBody;
    assert.equal(error.message, "/v1/traces takes application/json, not application/x-protobuf.");
    assert.match(error.hint, /http\/json/);
  });

  test("a bad span among good ones is counted", async () => {
    await using it = await start();
    const body = JSON.parse(spans()) as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] };
    body.resourceSpans[0]!.scopeSpans[0]!.spans.push({ traceId, spanId: "short" }, null);
    const answer = await send(it, "/v1/traces", JSON.stringify(body));
    assert.equal(answer.status, 200);
    assert.deepEqual((answer.body as { partialSuccess: { rejectedSpans: string } }).partialSuccess.rejectedSpans, "2");
  });
});

import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { startTestDaemon, user, type TestDaemon } from "../../drivers/test-daemon.ts";

const chat = "/v1/chat/completions";
const ember = join(packageRoot(import.meta.dirname), "runtime", "models", "ember", "ember-q8_0.gguf");

let gateway: TestDaemon;
before(async () => {
  gateway = await startTestDaemon({
    yaml: {
      models: {
        echo: { source: "fake:echo", context: 64 },
        plain: { source: "fake:echo", task: "completion" },
        bare: { source: "fake:echo?template=none" },
        missing: { source: "nowhere.gguf" },
        folder: { source: "folder.gguf" },
        truncated: { source: "truncated.gguf" },
        corrupt: { source: "corrupt.gguf" },
        text: { source: "text.gguf" },
      },
    },
  });
  const bytes = await readFile(ember);
  await mkdir(join(gateway.home, "folder.gguf"));
  await writeFile(join(gateway.home, "truncated.gguf"), bytes.subarray(0, bytes.length / 2));
  await writeFile(join(gateway.home, "corrupt.gguf"), Buffer.concat([bytes.subarray(0, 24), Buffer.alloc(4096, 0xff), bytes.subarray(4120)]));
  await writeFile(join(gateway.home, "text.gguf"), "I am no model.\n");
});
after(async () => await gateway[Symbol.asyncDispose]());

const ask = (more: object) => ({ model: "echo", messages: [user("hello")], ...more });

/** Text, for `JSON.stringify` overflows its stack at it. */
const nested = (levels: number) => `{"model":"echo","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}}]}`;

/** What is sent, and the status, code, `param` and a piece of the message that must come back. */
const cases: readonly (readonly [string, unknown, number, string, string | null, RegExp])[] = [
  ["an unknown model", ask({ model: "echoo" }), 404, "model_not_found", "model", /Did you mean "echo"/],
  ["malformed JSON", '{"model": "echo",\n "messages": [,]}', 400, "invalid_json", null, /line 2, column 15/],
  ["JSON that ends too early", '{"model": "echo"', 400, "invalid_json", null, /line 1, column 17/],
  ["JSON that is no object", "[1]", 400, "invalid_request", null, /object/],
  ["no body", "", 400, "invalid_request", "model", /string/],
  ["bytes that are not UTF-8", Buffer.concat([Buffer.from('{"model": "'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]), 400, "invalid_utf8", null, /byte 11 /],
  ["a lone surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 400, "invalid_utf8", null, /byte 1 /],
  ["nesting that would kill the model's process", nested(2000), 400, "invalid_request", null, /200 levels/],
  ["nesting that overflows the daemon's own stack", nested(20_000), 400, "invalid_request", null, /200 levels/],
  ["a wrong type", ask({ temperature: "hot" }), 400, "invalid_request", "temperature", /number/],
  ["no messages", ask({ messages: [] }), 400, "invalid_request", "messages", /./],
  ["an unknown role", ask({ messages: [user("a"), { role: "wizard", content: "b" }] }), 400, "invalid_request", "messages.1.role", /./],
  ["content of a wrong type", ask({ messages: [{ role: "user", content: 7 }] }), 400, "invalid_request", "messages.0.content", /string/],
  ["an image", ask({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] }), 400, "unsupported_parameter", "messages.0.content.0.image_url", /no images/],
  ["max_tokens 0", ask({ max_tokens: 0 }), 400, "invalid_request", "max_tokens", /1/],
  ["negative max_tokens", ask({ max_tokens: -5 }), 400, "invalid_request", "max_tokens", /1/],
  ["a fraction as max_tokens", ask({ max_tokens: 1.5 }), 400, "invalid_request", "max_tokens", /int/],
  ["a temperature out of range", ask({ temperature: 9 }), 400, "invalid_request", "temperature", /2/],
  ["an empty stop text", ask({ stop: "" }), 400, "invalid_request", "stop", /./],
  ["top_logprobs without logprobs", ask({ top_logprobs: 3 }), 400, "invalid_request", "top_logprobs", /logprobs/],
  ["a prompt longer than the context", ask({ messages: [user("word ".repeat(500))] }), 400, "context_length_exceeded", "messages", /64/],
  ["a model for another task", ask({ model: "plain" }), 400, "model_task_mismatch", "model", /completion/],
  ["a model without template", ask({ model: "bare" }), 400, "template_missing", "messages", /template/],
  ["a missing model file", ask({ model: "missing" }), 404, "model_file_missing", null, /nowhere\.gguf/],
  ["a folder as model", ask({ model: "folder" }), 404, "model_file_missing", null, /folder\.gguf/],
  ["a truncated GGUF", ask({ model: "truncated" }), 422, "model_file_invalid", null, /truncated\.gguf/],
  ["a corrupt GGUF", ask({ model: "corrupt" }), 422, "model_file_invalid", null, /corrupt\.gguf/],
  ["a text file as model", ask({ model: "text" }), 422, "model_file_invalid", null, /text\.gguf/],
  ["too many answers", ask({ n: 17 }), 400, "invalid_request", "n", /16/],
  ["a response format that is none", ask({ response_format: { type: "yaml" } }), 400, "invalid_request", "response_format.type", /response_format/],
  ["a schema that no grammar can hold", ask({ response_format: { type: "json_schema", json_schema: { name: "x", schema: { not: {} } } } }), 400, "grammar_invalid", "response_format.json_schema.schema", /\/not/],
  ["a grammar that is none", ask({ grammar: "root = x" }), 400, "grammar_invalid", null, /grammar/],
  ["an adapter that is named twice", ask({ lora: [{ name: "a", scale: 1 }, { name: "a", scale: 0 }] }), 400, "invalid_request", "lora", /twice/],
  ["a web search", ask({ web_search_options: {} }), 400, "unsupported_parameter", "web_search_options", /web_search/],
  ["a required tool choice without tools", ask({ tool_choice: "required" }), 400, "invalid_request", "tool_choice", /no tools/],
];

describe("bad input gets a typed error", () => {
  for (const [what, body, status, code, param, message] of cases) {
    for (const stream of [false, true]) {
      // A stream that has not begun answers with an ordinary HTTP error too.
      if (stream && (typeof body !== "object" || body instanceof Uint8Array)) continue;
      it(`${what}${stream ? ", streaming" : ""}`, async () => {
        const answer = await gateway.send(chat, { body: stream ? { ...(body as object), stream } : body });
        const { error } = answer;
        assert.deepEqual({ status: answer.status, code: error.code, param: error.param }, { status, code, param });
        assert.match(error.message, message);
        assert.notEqual(error.hint, "");
        assert.match(error.type, /_error$/);
      });
    }
  }

  it("a body that is too large", async () => {
    const answer = await gateway.send(chat, { body: ask({ messages: [user("x".repeat(17 * 1024 * 1024))] }) });
    assert.deepEqual([answer.status, answer.error.code], [413, "body_too_large"]);
  });

  it("a body that is not declared as JSON", async () => {
    const answer = await gateway.send(chat, { body: "model=echo", headers: { "content-type": "application/x-www-form-urlencoded" } });
    assert.deepEqual([answer.status, answer.error.code], [415, "unsupported_media_type"]);
  });

  it("an unknown path, and a path with another method", async () => {
    const unknown = await gateway.send("/v1/images/generations", { body: {} });
    assert.deepEqual([unknown.status, unknown.error.code], [404, "route_not_found"]);
    const method = await gateway.send(chat, { method: "GET" });
    assert.deepEqual([method.status, method.error.code, method.headers.get("allow")], [405, "method_not_allowed", "POST"]);
    const trace = await gateway.send("/api/v1/traces/some", { method: "POST", body: {} });
    assert.deepEqual([trace.status, trace.headers.get("allow")], [405, "GET"]);
  });

  it("a path that is none, and bytes that are not HTTP", async () => {
    const path = await gateway.send("/%zz", { method: "GET" });
    assert.deepEqual([path.status, path.error.code], [404, "route_not_found"]);
    const long = await gateway.send(`/api/v1/traces/${"x".repeat(9000)}`, { method: "GET" });
    assert.deepEqual([long.status, long.error.code], [404, "route_not_found"]);
    assert.ok(long.error.message.length < 300);
    const { hostname, port } = new URL(gateway.daemon.url);
    const raw = async (bytes: string) => (await connect(Number(port), hostname).end(bytes).toArray()).join("");
    assert.match(await raw("HELO there\r\n\r\n"), /^HTTP\/1\.1 400 [^]*"code":"invalid_request"/);
  });

  it("a method that the framework knows and we do not", async () => {
    const answer = await gateway.send("/health", { method: "QUERY" });
    assert.deepEqual([answer.status, answer.error.code], [415, "unsupported_media_type"]);
  });

  it("an unknown trace, and a limit that is none", async () => {
    const unknown = await gateway.send("/api/v1/traces/none", { method: "GET" });
    assert.deepEqual([unknown.status, unknown.error.code], [404, "trace_not_found"]);
    const limit = await gateway.send("/api/v1/traces?limit=0", { method: "GET" });
    assert.deepEqual([limit.status, limit.error.code, limit.error.param], [400, "invalid_request", "limit"]);
  });

  it("parameters without effect are ignored", async () => {
    const harmless = { n: 1, user: "me", metadata: { a: "b" }, frequency_penalty: 0, presence_penalty: null, logit_bias: {}, response_format: { type: "text" }, tool_choice: "auto", store: false, whatever: 1 };
    const answer = await gateway.send(chat, { body: ask(harmless) });
    assert.equal(answer.status, 200, answer.text);
  });

  it("null is absent, also in a message that an OpenAI client sends back as it came", async () => {
    const own = { role: "assistant", content: "b", name: null, refusal: null, tool_calls: null, function_call: null, audio: null };
    const answer = await gateway.send(chat, { body: ask({ messages: [user("a"), own, { ...user("c"), name: null }], user: null, stream_options: { include_usage: null } }) });
    assert.equal(answer.status, 200, answer.text);
  });

  it("the daemon has survived all of it", async () => {
    const answer = await gateway.client.call("chatCompletions", { body: { model: "echo", messages: [user("still here")] } });
    assert.equal(answer.choices[0]?.message.content, "still here");
  });
});

describe("after a model file was corrected", () => {
  it("the next request loads it", async () => {
    await copyFile(ember, join(gateway.home, "nowhere.gguf"));
    const answer = await gateway.client.call("chatCompletions", { body: { model: "missing", max_tokens: 2, messages: [user("What is 1 + 1?")] } });
    assert.ok(answer.usage.completion_tokens >= 1);
  });
});

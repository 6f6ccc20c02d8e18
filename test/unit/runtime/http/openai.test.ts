import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Profile } from "../../../../protocol/api/openai.ts";
import { neutralParams } from "../../../../protocol/model.ts";
import type { TokenRecord } from "../../../../runtime/host/messages.ts";
import { chatShape } from "../../../../runtime/http/openai/chat-shape.ts";
import { completionShape } from "../../../../runtime/http/openai/completion-shape.ts";
import { resolveHandling, resolveTools } from "../../../../runtime/http/openai/output.ts";
import type { AnswerPiece } from "../../../../runtime/http/openai/shape.ts";
import { resolveSampling } from "../../../../runtime/http/openai/sampling.ts";
import { chatUnsupported, completionUnsupported, refuseUnsupported } from "../../../../runtime/http/openai/unsupported.ts";

const seed = () => 99;
const token = (text: string, top: readonly (readonly [string, number])[] = []): TokenRecord => ({
  id: 1, bytes: Buffer.from(text), logprob: -1, top: top.map(([other, logprob]) => ({ bytes: Buffer.from(other), logprob })),
});
/** Everything off but what docs/reference/config.md says is on. */
const documented = { ...neutralParams, temperature: 0.8, topP: 0.95, topK: 40, minP: 0.05, drySequenceBreakers: ["\n", ":", '"', "*"] };
const piece = (text: string, tokens: readonly TokenRecord[]): AnswerPiece => ({ choice: 0, text, tokens, calls: [] });
const options = { traceId: "t", model: "m", created: 1, logprobs: true };

describe("sampling", () => {
  it("is the request's word, else the configuration's, else the documented default; null is absent", () => {
    assert.deepEqual(resolveSampling({}, undefined, null, seed), {
      params: { ...documented, seed: 99 }, maxTokens: null, stop: [],
    });
    const configured = { temperature: 0.1, top_p: 0.2, top_k: 3, min_p: 0.4, seed: 5, max_tokens: 6, stop: ["x"] };
    assert.deepEqual(resolveSampling({ temperature: null, stop: null }, configured, 2, seed), {
      params: { ...documented, temperature: 0.1, topP: 0.2, topK: 3, minP: 0.4, seed: 5, topLogprobs: 2 }, maxTokens: 6, stop: ["x"],
    });
    const asked = { temperature: 0, top_p: 1, top_k: 0, min_p: 0, seed: 0, max_tokens: 1, stop: "y" };
    assert.deepEqual(resolveSampling(asked, configured, null, seed), {
      params: { ...documented, temperature: 0, topP: 1, topK: 0, minP: 0, seed: 0 }, maxTokens: 1, stop: ["y"],
    });
  });

  it("reads biases of tokens by id and by text, and which probabilities to report", () => {
    const { params } = resolveSampling({ logit_bias: { 15: -100, " yes": false }, post_sampling_probs: true }, undefined, 1, seed);
    assert.deepEqual([params.logitBias, params.logprobs], [[{ token: 15, bias: -100 }, { token: " yes", bias: false }], "after"]);
    const pairs = resolveSampling({ logit_bias: [["15", 2], [15, 3]] }, { logit_bias: { 1: 1 } }, null, seed);
    assert.deepEqual(pairs.params.logitBias, [{ token: "15", bias: 2 }, { token: 15, bias: 3 }]);
  });
});

describe("parameters that Inferno does not have", () => {
  const refused = (table: typeof chatUnsupported, body: unknown): string | null => {
    try {
      refuseUnsupported(table)(body);
      return null;
    } catch (error) {
      return (error as { param: string }).param;
    }
  };

  it("are refused where they would change the answer", () => {
    const effective = {
      functions: [{}], function_call: { name: "f" }, modalities: ["text", "audio"], audio: {}, prediction: {}, reasoning_effort: "high",
      repetition_penalty: 1.1, min_keep: 5, json_schema: {}, guided_json: {}, best_of: 2,
    };
    for (const [param, value] of Object.entries(effective)) assert.equal(refused(chatUnsupported, { [param]: value }), param);
    for (const [param, value] of Object.entries({ echo: true, best_of: 3 })) assert.equal(refused(completionUnsupported, { [param]: value }), param);
  });

  it("are ignored where they would not, and where the name is nobody's", () => {
    const harmless = {
      best_of: 1, repetition_penalty: 1, functions: [], modalities: ["text"],
      reasoning_effort: null, audio: null, min_keep: 0, store: true, metadata: {}, constructor: 1, toString: 2,
    };
    assert.equal(refused(chatUnsupported, harmless), null);
    for (const body of [null, undefined, 7, "text", []]) assert.equal(refused(chatUnsupported, body), null);
  });
});

describe("log probabilities", () => {
  it("of chats hold the raw bytes, and never what JSON cannot write", () => {
    const half = { ...token(""), bytes: Uint8Array.of(0xf0, 0x9f), logprob: -Infinity };
    const chunk = chatShape(options).piece(piece("", [half]));
    assert.deepEqual(chunk?.choices[0]?.logprobs?.content, [{ token: "\ufffd", logprob: -9999, bytes: [0xf0, 0x9f], top_logprobs: [] }]);
    assert.equal(chatShape({ ...options, logprobs: false }).piece(piece("", [half])), null);
  });

  it("of completions count their offsets on from chunk to chunk", () => {
    const shape = completionShape(options);
    const offsets = [[token("ab"), token("c")], [token("🔥")], [token("d")]].map((tokens) => shape.piece(piece("…", tokens))?.choices[0]?.logprobs?.text_offset);
    assert.deepEqual(offsets, [[0, 2], [3], [5]]);
    assert.deepEqual(shape.piece({ ...piece("…", [token("e")]), choice: 1 })?.choices[0]?.logprobs?.text_offset, [0]);
  });

  it("of completions count a byte order mark as the character that it is in the text", () => {
    const logprobs = completionShape(options).piece(piece("\ufeffa", [token("\ufeff"), token("a")]))?.choices[0]?.logprobs;
    assert.deepEqual([logprobs?.tokens, logprobs?.text_offset], [["\ufeff", "a"], [0, 1]]);
  });

  it("of completions keep the likelier of two alternatives that look the same", () => {
    const same = { ...token("a"), top: [{ bytes: Uint8Array.of(0xff), logprob: -1 }, { bytes: Uint8Array.of(0xfe), logprob: -2 }] };
    assert.deepEqual(completionShape(options).piece(piece("a", [same]))?.choices[0]?.logprobs?.top_logprobs, [{ "\ufffd": -1 }]);
  });
});

describe("tool calls and several answers", () => {
  const calls = [{ index: 0, id: "a", name: "add", arguments: "" }, { index: 0, arguments: '{"x":' }, { index: 1, id: "b", name: "now", arguments: "{}" }, { index: 0, arguments: "1}" }];
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, prompt_tokens_details: { cached_tokens: 0 } };
  const timings = {
    trace_id: "t", ttft_ms: 1, prompt_ms: 1, predicted_ms: 1, tokens_per_second: null, cached_tokens: 0, truncated_tokens: 0, drafted_tokens: 0, accepted_tokens: 0,
  };
  const shape = chatShape({ ...options, logprobs: false });

  it("go out piece by piece, the first with id and name", () => {
    const chunk = shape.piece({ choice: 1, text: "", tokens: [], calls: calls.slice(0, 2) });
    assert.deepEqual(chunk?.choices, [{
      index: 1, logprobs: null, finish_reason: null,
      delta: { tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "add", arguments: "" } }, { index: 0, function: { arguments: '{"x":' } }] },
    }]);
  });

  it("are whole in a whole answer, whose content is then null unless there is text", () => {
    const whole = shape.whole([{ text: "", tokens: [], calls, reason: "tool_calls" }, { text: "Hi", tokens: [], calls: [], reason: "stop" }], usage, timings);
    assert.deepEqual(whole.choices.map(({ index, message, finish_reason }) => ({ index, message, finish_reason })), [
      {
        index: 0, finish_reason: "tool_calls", message: {
          role: "assistant", content: null, refusal: null,
          tool_calls: [{ id: "a", type: "function", function: { name: "add", arguments: '{"x":1}' } }, { id: "b", type: "function", function: { name: "now", arguments: "{}" } }],
        },
      },
      { index: 1, finish_reason: "stop", message: { role: "assistant", content: "Hi", refusal: null } },
    ]);
  });

  it("end with the timings in the last chunk only", () => {
    assert.equal("timings" in shape.finish(0, "stop", null), false);
    assert.deepEqual(shape.finish(1, "length", timings).timings, timings);
  });
});

describe("what else a request says", () => {
  const config = { overflow: "shift" } as const;

  it("has defaults, and null is absent", () => {
    const defaults = { choices: 1, priority: 0, timeoutMs: null, output: { kind: "text" }, adapters: [], overflow: "shift", cachePrompt: true, speculate: true };
    assert.deepEqual(resolveHandling({}, config), defaults);
    assert.deepEqual(resolveHandling({ n: null, grammar: "", response_format: null, overflow: null, lora: null }, config), defaults);
  });

  it("names the steps to record", () => {
    assert.deepEqual(resolveHandling({ profile: "ops" }, config).profile, { from: 0, to: null });
    assert.deepEqual(resolveHandling({ profile: { ops: { steps: [2, 5] } } }, config).profile, { from: 2, to: 5 });
    for (const profile of ["all", { ops: { steps: [5, 2] } }, { ops: { steps: [-1, 2] } }, {}]) assert.equal(Profile.safeParse(profile).success, false);
  });

  it("names one format", () => {
    const schema = { type: "object" };
    assert.deepEqual(resolveHandling({ response_format: { type: "json_schema", json_schema: { name: "x", schema } } }, config).output, { kind: "schema", name: "x", schema });
    assert.throws(() => resolveHandling({ grammar: "root ::= \"x\"", response_format: { type: "json_object" } }, config), { code: "invalid_request", param: "grammar" });
  });

  it("chooses among tools that are there", () => {
    const tools = ["a", "b"].map((name) => ({ type: "function" as const, function: { name } }));
    assert.deepEqual(resolveTools({ tools, tool_choice: { type: "function", function: { name: "b" } } }).toolChoice, { name: "b" });
    assert.equal(resolveTools({}).toolChoice, "auto");
    assert.throws(() => resolveTools({ tools, tool_choice: { type: "function", function: { name: "c" } } }), { code: "invalid_request", param: "tool_choice" });
    assert.throws(() => resolveTools({ tool_choice: "required" }), { code: "invalid_request", param: "tool_choice" });
    assert.throws(() => resolveTools({ tools: [...tools, ...tools] }), { code: "invalid_request", param: "tools" });
  });
});

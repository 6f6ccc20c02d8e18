import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { GenerateRequest } from "../../../../runtime/host/messages.ts";
import { OutputPlanner, type OutputRequest } from "../../../../runtime/output/plan-output.ts";
import { compileChatTemplate } from "../../../../runtime/template/chat-template.ts";

/** One token per character, but `<tool_call>` and a control token. */
const vocabulary = {
  tokenize: (text: string): number[] => (text.match(/<tool_call>|<\|hidden\|>|[^]/gu) ?? []).map((part) => (part === "<tool_call>" ? 1 : part === "<|hidden|>" ? 2 : 100)),
  tokenBytes: (token: number, special = false): Uint8Array => (token === 2 && !special ? new Uint8Array() : Buffer.from("x")),
};
const planner = new OutputPlanner({ vocabulary, schemaGrammar: (rules) => rules.map(({ name }) => `${name} ::= "…"`).join("\n"), newCallId: () => "id" });

const plainTemplate = compileChatTemplate({
  source: "{%- for m in messages %}{{ '[' + m.role + ']' + m.content }}{%- endfor %}{%- if add_generation_prompt %}{{ '[assistant]' }}{%- endif %}", bosToken: "", eosToken: "", now: () => new Date(0),
});
const withCalls = (marker: string) => compileChatTemplate({
  source: `{%- for m in messages %}{{ '[' + m.role + ']' + (m.content or '') }}{%- for call in m.tool_calls or [] %}{{ '${marker}' + call.function.name + ' ' + (call.function.arguments | tojson) }}{%- endfor %}{%- endfor %}`,
  bosToken: "", eosToken: "", now: () => new Date(0),
});

const tools = ["add", "now"].map((name) => ({ type: "function" as const, function: { name, description: `To ${name}.`, parameters: { type: "object", properties: {} } } }));
const request = (over: Partial<OutputRequest> = {}, messages: Extract<GenerateRequest["prompt"], { kind: "messages" }>["messages"] = [{ role: "user", content: "Hi" }]): OutputRequest => ({
  prompt: { kind: "messages", messages, tools }, output: { kind: "text" }, toolChoice: "auto", parallelToolCalls: true, ...over,
});
const rulesOf = (over: Partial<OutputRequest>) => planner.plan(request(over), withCalls("<tool_call>")).grammar;

suite("the grammar", () => {
  test("of a plain request is none; a given one passes through", () => {
    assert.equal(rulesOf({ toolChoice: "none" }), null);
    assert.equal(rulesOf({ toolChoice: "none", output: { kind: "grammar", gbnf: "root ::= \"x\"" } })?.gbnf, "root ::= \"x\"");
  });

  test("of tools waits for a call's first token, or for its text where that is no token", () => {
    assert.deepEqual(rulesOf({})?.lazy, { tokens: [1], patterns: [] });
    const byText = planner.plan(request(), withCalls("<function=")).grammar?.lazy;
    assert.deepEqual(byText, { tokens: [], patterns: ["(<function=)$"] });
  });

  test("of required and named tools holds from the first token, and names only those", () => {
    const required = rulesOf({ toolChoice: "required" });
    assert.deepEqual([required?.lazy, /"add".*"now"/.test(required?.gbnf ?? "")], [null, true]);
    const named = rulesOf({ toolChoice: { name: "now" } });
    assert.deepEqual([named?.lazy, named?.gbnf.includes('"add"')], [null, false]);
  });

  test("has one call without parallel calls", () => {
    assert.match(rulesOf({})?.gbnf ?? "", /calls ::= .*\( .* call \)\*/);
    assert.doesNotMatch(rulesOf({ parallelToolCalls: false })?.gbnf ?? "", /call \)\*/);
  });

  test("of tools and a format allows either", () => assert.match(rulesOf({ output: { kind: "json" } })?.gbnf ?? "", /^root ::= calls \| value\n/));

  test("cannot be the caller's beside tools", () => {
    assert.throws(() => rulesOf({ output: { kind: "grammar", gbnf: "root ::= \"x\"" } }), { code: "invalid_request", param: "grammar" });
  });

  test("is refused where a call's arguments could be no object", () => {
    const planned = (parameters: Record<string, unknown>) => {
      const { messages } = request().prompt as Extract<GenerateRequest["prompt"], { kind: "messages" }>;
      const prompt = { kind: "messages" as const, messages, tools: [{ type: "function" as const, function: { name: "add", parameters } }] };
      return () => planner.plan(request({ prompt, toolChoice: "required" }), withCalls("<tool_call>")).grammar?.gbnf;
    };
    const anObject = { type: "object", properties: { a: { type: "number" } } };
    for (const parameters of [
      { type: "array", items: {} }, { type: ["object", "null"] }, { type: "string" }, { $ref: "#/$defs/a", $defs: { a: { type: "array" } } },
    ]) assert.throws(planned(parameters), { code: "grammar_invalid", param: "tools[0].function.parameters" }, JSON.stringify(parameters));
    for (const parameters of [
      {}, anObject, { anyOf: [anObject, { type: "object", properties: { b: {} } }] }, { $ref: "#/$defs/a", $defs: { a: { type: "object", properties: { next: { $ref: "#/$defs/a" } } } } },
      { properties: { a: {} } },
    ]) assert.match(planned(parameters)() ?? "", /calls/, JSON.stringify(parameters));
  });

  test("is refused by an engine that has none, unless it only helps", () => {
    const without = new OutputPlanner({ vocabulary, schemaGrammar: undefined, newCallId: () => "id" });
    assert.equal(without.plan(request(), withCalls("<tool_call>")).grammar, null);
    for (const over of [{ toolChoice: "required" as const }, { output: { kind: "json" as const } }, { toolChoice: "none" as const, output: { kind: "grammar" as const, gbnf: "root ::= \"x\"" } }]) {
      assert.throws(() => without.plan(request(over), withCalls("<tool_call>")), { code: "grammar_invalid" });
    }
  });
});

suite("what the template gets", () => {
  const called = [
    { role: "user" as const, content: "Hi" },
    { role: "assistant" as const, tool_calls: [{ function: { name: "add", arguments: "{}" } }] },
    { role: "tool" as const, content: "3" },
    { role: "tool" as const, content: "4" },
    { role: "user" as const, content: "And?" },
  ];
  const rendered = (over: Partial<OutputRequest>, messages = called, template = plainTemplate): string => {
    const { conversation } = planner.plan(request(over, messages), template);
    assert.ok(conversation);
    return template.render(conversation);
  };

  test("its own way where it knows tools; none of them with `none`", () => {
    assert.deepEqual(planner.plan(request(), withCalls("<tool_call>")).conversation?.tools, tools);
    assert.deepEqual(planner.plan(request({ toolChoice: "none" }), withCalls("<tool_call>")).conversation?.tools, []);
  });

  test("tools, calls and results as text where it does not", () => {
    const text = rendered({});
    assert.match(text, /^\[system\]You can call these functions.*\n\{"name":"add","description":"To add\."/);
    assert.match(text, /\[assistant\]<tool_call>\n\{"name": "add", "arguments": \{\}\}\n<\/tool_call>\[user\]<tool_response>\n3\n<\/tool_response>\n\n<tool_response>\n4\n<\/tool_response>\n\nAnd\?\[assistant\]$/);
  });

  test("earlier calls as text also when there are no tools now", () => assert.match(rendered({ toolChoice: "none" }), /^\[user\]Hi\[assistant\]<tool_call>/));

  test("a system message that is there goes first; where none may be, the first user's message tells", () => {
    assert.match(rendered({}, [{ role: "user", content: "Hi" }]), /^\[system\]You can/);
    const systemless = compileChatTemplate({
      source: "{%- for m in messages %}{%- if m.role == 'system' %}{{ raise_exception('no') }}{%- endif %}{{ '[' + m.role + ']' + m.content }}{%- endfor %}", bosToken: "", eosToken: "", now: () => new Date(0),
    });
    assert.match(rendered({}, [{ role: "user", content: "Hi" }], systemless), /^\[user\]You can call[^]*\n\nHi$/);
  });
});

test("control tokens of the syntax are shown", () => {
  assert.deepEqual([...planner.plan(request(), withCalls("<|hidden|>")).shownTokens], [2]);
  assert.deepEqual([...planner.plan(request(), withCalls("<tool_call>")).shownTokens], []);
});

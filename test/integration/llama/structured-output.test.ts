import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { z } from "zod";
import { neutralParams, type GrammarRules } from "../../../protocol/model.ts";
import { schemaGrammar } from "../../../runtime/backends/llama/schema-grammar.ts";
import type { OutputFormat, ToolChoice } from "../../../runtime/host/messages.ts";
import { OutputPlanner, type OutputPlan } from "../../../runtime/output/plan-output.ts";
import { compileChatTemplate } from "../../../runtime/template/chat-template.ts";
import { openRig } from "./sampling-rig.ts";

/**
 * No model says anything here: logits are random numbers, so what comes out is any text that the grammar lets through,
 * in llama.cpp's own reading of it and in the tokens of a real vocabulary.
 */
const rig = openRig();
after(() => rig.dispose());
rig.decode("x");

const planner = new OutputPlanner({ vocabulary: rig.vocabulary, schemaGrammar, newCallId: () => "abcdefghi" });
const size = rig.logits().length;

/** A stream of pseudo-random numbers in [0, 1), the same for the same seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What the grammar lets through; null when it goes on beyond `limit` tokens, as lists and strings may. */
function draw(grammar: GrammarRules, seed: number, limit = 300): string | null {
  const next = random(seed);
  const sampler = rig.samplers.create({ ...neutralParams, seed, grammar }, []);
  const bytes: Uint8Array[] = [];
  try {
    for (let count = 0; count < limit; count += 1) {
      rig.setLogits(Float32Array.from({ length: size }, (_, id) => next() * 4 + closing(id, count)));
      const token = sampler.sample(rig.row);
      if (token.isEnd) return Buffer.concat(bytes).toString("utf8");
      bytes.push(rig.vocabulary.tokenBytes(token.id, true));
    }
    return null;
  } finally {
    sampler.dispose();
  }
}

/**
 * The longer the text, the likelier are tokens that close something: else half of the strings would never end. Halves of characters come only
 * where the grammar wants them, for llama.cpp's grammars do not mind when they do not fit together.
 */
const pieces = Array.from({ length: size }, (_, id) => Buffer.from(rig.vocabulary.tokenBytes(id, true)).toString("utf8"));
function closing(id: number, count: number): number {
  const piece = pieces[id] ?? "";
  if (piece.includes("\uFFFD")) return -1000;
  return /^["}\]]/.test(piece) ? count / 8 : 0;
}

const formatOf = (output: OutputFormat): GrammarRules => {
  const { grammar } = planner.plan({ prompt: { kind: "text", text: "" }, output, toolChoice: "none", parallelToolCalls: false }, null);
  assert.ok(grammar);
  return grammar;
};

type Json = Record<string, unknown>;
const schemas: readonly (readonly [string, Json])[] = [
  ["objects with optional members", { type: "object", properties: { a: { type: "integer" }, "b c": { type: "boolean" }, d: { type: "null" }, é: { type: "number" } }, required: ["b c"], additionalProperties: false }],
  ["only optional members", { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } }, additionalProperties: false }],
  ["lists", { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 4 }],
  ["lists of fixed places", { type: "array", prefixItems: [{ type: "boolean" }, { type: "null" }], items: false }],
  ["alternatives", { anyOf: [{ type: "integer" }, { enum: ["yes", "no \"quoted\"", null, 1.5] }, { const: "one\ntwo" }] }],
  ["strings of a length", { type: "string", minLength: 2, maxLength: 5 }],
  ["definitions that refer to themselves", {
    $ref: "#/$defs/node", $defs: { node: { type: "object", properties: { value: { type: "integer" }, next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } }, required: ["value", "next"], additionalProperties: false } },
  }],
  ["maps", { type: "object", additionalProperties: { type: "boolean" } }],
  ["several types", { type: ["integer", "null"] }],
];

suite("what the grammar of a schema lets through satisfies it", () => {
  for (const [what, schema] of schemas) {
    test(what, () => {
      const check = z.fromJSONSchema(schema);
      const grammar = formatOf({ kind: "schema", name: "test", schema });
      const texts = Array.from({ length: 40 }, (_, seed) => draw(grammar, seed + 1)).filter((text) => text !== null);
      assert.ok(texts.length > 20, `only ${texts.length} of 40 ended`);
      for (const text of texts) assert.doesNotThrow(() => check.parse(JSON.parse(text)), text);
      assert.ok(new Set(texts).size > 1);
    });
  }

  test("dates and times, but not how many days a month has", () => {
    const grammar = formatOf({ kind: "schema", name: "test", schema: { type: "array", prefixItems: ["date-time", "date", "time"].map((format) => ({ type: "string", format })), items: false } });
    for (let seed = 1; seed <= 20; seed += 1) {
      assert.match(draw(grammar, seed) ?? "", /^\[ ?"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{3})?(Z|[+-][0-2]\d:[0-5]\d)", ?"\d{4}-[01]\d-[0-3]\d", ?"[0-2]\d:/);
    }
  });

  test("a value that is an object", () => {
    const grammar = formatOf({ kind: "schema", name: "test", schema: { const: { deep: [1, "x"], empty: [] } } });
    for (let seed = 1; seed <= 5; seed += 1) assert.deepEqual(JSON.parse(draw(grammar, seed) ?? ""), { deep: [1, "x"], empty: [] });
  });

  test("any JSON object", () => {
    const grammar = formatOf({ kind: "json" });
    const values = Array.from({ length: 40 }, (_, seed) => draw(grammar, seed + 1)).filter((text) => text !== null).map((text): unknown => JSON.parse(text));
    assert.ok(values.length > 20);
    for (const value of values) assert.ok(typeof value === "object" && value !== null && !Array.isArray(value));
  });
});

test("a schema that somebody made up gives a grammar that llama.cpp reads, and values that satisfy it", () => {
  const key = fc.constantFrom("a", "b", "long name", "ü", "quote\"d", "1");
  const { schema } = fc.letrec<{ schema: Json }>((tie) => ({
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom<Json>({ type: "integer" }, { type: "boolean" }, { type: "null" }, { const: "c\n" }, { enum: [1, "2", false] }),
      fc.record({ type: fc.constant("array"), items: tie("schema"), maxItems: fc.constant(2) }),
      fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc.tuple(fc.dictionary(key, tie("schema"), { maxKeys: 4 }), fc.func(fc.boolean())).map(([properties, isRequired]) => (
        { type: "object", properties, required: Object.keys(properties).filter((name) => isRequired(name)), additionalProperties: false })),
    ),
  }));
  fc.assert(fc.property(schema, fc.integer({ min: 1, max: 1000 }), (made, seed) => {
    const text = draw(formatOf({ kind: "schema", name: "made", schema: made }), seed, 400);
    if (text !== null) z.fromJSONSchema(made).parse(JSON.parse(text));
  }), { numRuns: 60, seed: 3 });
});

suite("tool calls", () => {
  const template = compileChatTemplate({ source: rigTemplate(), bosToken: "", eosToken: "<|im_end|>", now: () => new Date(0) });
  const tools = [
    { type: "function" as const, function: { name: "add", parameters: { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } }, required: ["a", "b"] } } },
    { type: "function" as const, function: { name: "now" } },
  ];
  const planFor = (toolChoice: ToolChoice, parallelToolCalls: boolean, output: OutputFormat = { kind: "text" }): OutputPlan =>
    planner.plan({ prompt: { kind: "messages", messages: [{ role: "user", content: "Hi" }], tools }, output, toolChoice, parallelToolCalls }, template);

  function parse(plan: OutputPlan, text: string): { text: string; calls: { name: string; arguments: unknown }[] } {
    const parser = plan.newParser();
    const outputs = [parser.push(text), parser.finish()];
    const calls: { name: string; arguments: string }[] = [];
    for (const { index, name, arguments: piece } of outputs.flatMap((output) => output.calls)) (calls[index] ??= { name: name ?? "", arguments: "" }).arguments += piece;
    return { text: outputs.map((output) => output.text).join(""), calls: calls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) as unknown })) };
  }

  const drawn = (plan: OutputPlan, count: number) => Array.from({ length: count }, (_, seed) => {
    assert.ok(plan.grammar);
    const text = draw({ ...plan.grammar, lazy: null }, seed + 1, 400);
    return text === null ? null : parse(plan, text);
  }).filter((each) => each !== null);

  test("required: nothing but calls, whose arguments satisfy the schema", () => {
    const answers = drawn(planFor("required", true), 30);
    assert.ok(answers.length > 15);
    for (const { text, calls } of answers) {
      assert.equal(text, "");
      assert.ok(calls.length > 0);
      for (const call of calls) {
        const right = call.name === "now" ? isDeepStrictEqual(call.arguments, {}) : z.strictObject({ a: z.int(), b: z.int() }).safeParse(call.arguments).success;
        assert.ok(right, JSON.stringify(call));
      }
    }
    assert.ok(answers.some(({ calls }) => calls.length > 1), "no answer has several calls");
  });

  test("one call where parallel calls are off, of the one function that was named", () => {
    const answers = drawn(planFor({ name: "now" }, false), 10);
    for (const { calls } of answers) assert.deepEqual(calls, [{ name: "now", arguments: {} }]);
    assert.ok(answers.length > 0);
  });

  test("with a format, calls or JSON", () => {
    const plan = planFor("auto", false, { kind: "json" });
    assert.equal(plan.grammar?.lazy, null);
    for (const { text, calls } of drawn(plan, 20)) assert.ok(calls.length === 1 || typeof JSON.parse(text) === "object");
  });

  test("auto: the rules wait for the beginning of a call", () => {
    const { grammar } = planFor("auto", true);
    assert.ok(grammar?.lazy);
    assert.equal(grammar.lazy.patterns.length + grammar.lazy.tokens.length, 1);
  });
});

function rigTemplate(): string {
  return [
    "{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + (message.content or '') }}",
    "{%- for call in message.tool_calls or [] %}{{ ('\\n' if not loop.first) + '<tool_call>\\n{\"name\": \"' + call.function.name + '\", \"arguments\": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}{%- endfor %}",
    "{{ '<|im_end|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}",
  ].join("");
}

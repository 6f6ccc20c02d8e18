import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { InfernoError } from "../../../../protocol/errors.ts";
import { SchemaLowering, type PlainSchema, type SchemaRule } from "../../../../runtime/output/schema-lowering.ts";

function lower(schema: unknown, strict = true): { readonly root: PlainSchema; readonly rules: readonly SchemaRule[] } {
  const lowering = new SchemaLowering(schema, { prefix: "v", at: "response_format", strict });
  return { root: lowering.lower(), rules: lowering.rules };
}

const message = (schema: unknown, strict = true): string => {
  try {
    lower(schema, strict);
  } catch (error) {
    assert.ok(error instanceof InfernoError && error.code === "grammar_invalid", String(error));
    assert.equal(error.param, "response_format");
    return error.message;
  }
  return "";
};

suite("a schema becomes the subset", () => {
  const text = { type: "string" } as const;

  test("required members stay an object, optional ones make a rule", () => {
    assert.deepEqual(lower({ type: "object", properties: { a: text }, required: ["a"] }), { root: { type: "object", properties: { a: text } }, rules: [] });
    assert.deepEqual(lower({ properties: { a: text, b: { type: "null" } }, required: ["b"] }), {
      root: { rule: "v-0" },
      rules: [{ name: "v-0", kind: "members", members: [{ key: "a", required: false, schema: text }, { key: "b", required: true, schema: { type: "null" } }] }],
    });
  });

  test("what allOf says is said together", () => {
    const { root } = lower({ allOf: [{ properties: { a: text }, required: ["a"] }, { properties: { b: text } }, { required: ["b"] }], title: "both" });
    assert.deepEqual(root, { type: "object", properties: { a: text, b: text } });
  });

  test("what stands beside anyOf holds for each of it", () => {
    const { root } = lower({ type: "object", properties: { a: text }, anyOf: [{ required: ["a"] }, { properties: { b: text }, required: ["a", "b"] }] });
    assert.deepEqual(root, { oneOf: [{ type: "object", properties: { a: text } }, { type: "object", properties: { a: text, b: text } }] });
  });

  test("each place that is referred to is one rule, however often", () => {
    const { root, rules } = lower({ type: "array", items: { $ref: "#/$defs/a~1b" }, prefixItems: [{ $ref: "#/$defs/a~1b" }], $defs: { "a/b": { type: "array", items: { $ref: "#" } } } });
    assert.deepEqual(root, { type: "array", items: { rule: "v-0" }, prefixItems: [{ rule: "v-0" }], minItems: 1, maxItems: undefined });
    assert.equal(rules.length, 2);
  });

  test("the type chooses among an enum's values", () => {
    assert.deepEqual(lower({ type: ["integer", "null"], enum: [1, 1.5, "1", null] }).root, { oneOf: [{ const: 1 }, { const: null }] });
  });

  test("annotations are no constraints", () => {
    assert.deepEqual(lower({ type: "string", title: "t", description: "d", default: "x", examples: ["y"], "x-order": 1, $comment: "c" }).root, text);
  });
});

suite("what cannot be said is refused, with its place", () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ type: "string", pattern: "^a" }, /\/pattern cannot be enforced/],
    [{ type: "object", properties: { n: { type: "integer", minimum: 3 } } }, /\/properties\/n\/minimum cannot/],
    [{ type: "array", items: { type: "string" }, uniqueItems: true }, /\/uniqueItems cannot/],
    [{ type: "string", format: "email" }, /\/format is "email"/],
    [{ not: { type: "string" } }, /\/not cannot/],
    [{ type: "text" }, /\/type is "text", not one of/],
    [{ type: "object", properties: 5 }, /\/properties is not what JSON Schema has there/],
    [{ anyOf: [] }, /\/anyOf is not a list of at least one/],
    [{ anyOf: [false] }, /\/anyOf\/0 is `false`/],
    [{ $ref: "https://example.com/s" }, /\/\$ref is "https:\/\/example\.com\/s"; only references within/],
    [{ $ref: "#/$defs/none" }, /points to "#\/\$defs\/none", which is not there/],
    [{ $ref: "#" }, /leads back to itself/],
    [{ anyOf: [{ $ref: "#/$defs/a" }], $defs: { a: { anyOf: [{ $ref: "#/$defs/b" }, { type: "null" }] }, b: { $ref: "#/$defs/a" } } }, /leads back to itself/],
    [{ type: "object", properties: {}, required: ["a"] }, /\/required names "a"/],
    [{ type: "string", minLength: 3, maxLength: 2 }, /\/maxLength is less than the least/],
    [{ type: "array", maxItems: 1e9 }, /\/maxItems is more than 1000/],
    [{ type: "string", minLength: 1.5 }, /\/minLength is not a whole number/],
    [{ const: "\u0001" }, /\/const holds a control character/],
    [{ allOf: [{ type: "string" }, { type: "integer" }] }, /\/allOf\/1\/type differs/],
    ["text", /root is not what JSON Schema/],
  ];
  for (const [schema, expected] of cases) test(JSON.stringify(schema), () => assert.match(message(schema), expected));

  test("without strict, keywords beyond a grammar are left out; wrong schemas are refused all the same", () => {
    assert.deepEqual(lower({ type: "string", pattern: "^a", format: "email" }, false).root, { type: "string" });
    assert.match(message({ type: "text" }, false), /\/type is "text"/);
  });
});

suite("hostile schemas", () => {
  test("depth, breadth and repetition have bounds", () => {
    let deep: unknown = { type: "null" };
    for (let index = 0; index < 100_000; index += 1) deep = { type: "array", items: deep };
    assert.match(message(deep), /nested deeper than 32/);
    assert.match(message({ enum: Array.from({ length: 5000 }, (_, index) => index) }), /more than 1000 entries/);
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`p${index}`, { type: "null" }]));
    assert.match(message({ type: "object", properties: wide }), /larger than 4000 parts/);
  });

  test("references that multiply are refused within the bound", () => {
    const $defs = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`d${index}`, { allOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] }]));
    assert.notEqual(message({ $ref: "#/$defs/d0", $defs }), "");
  });

  test("anything at all is lowered or refused, never more", () => {
    const keyword = fc.constantFrom("type", "properties", "required", "items", "prefixItems", "anyOf", "oneOf", "allOf", "$ref", "enum", "const", "minItems", "maxItems", "minLength", "format", "additionalProperties", "pattern", "$defs", "__proto__");
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof({ depthSize: "medium" }, fc.jsonValue(), fc.constantFrom("string", "object", "array", "#", "#/$defs/a", "#/properties/type"), fc.array(tie("schema"), { maxLength: 3 }), fc.dictionary(keyword, tie("schema"), { maxKeys: 4 })),
    }));
    fc.assert(fc.property(schema, fc.boolean(), (made, strict) => {
      message(made, strict);
    }), { numRuns: 1500 });
  });
});

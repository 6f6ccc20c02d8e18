import { createRequire } from "node:module";
import { join } from "node:path";
import { InfernoError } from "../../../protocol/errors.ts";
import type { SchemaGrammar } from "../../output/schema-grammar.ts";
import type { Member, PlainSchema } from "../../output/schema-lowering.ts";

/**
 * node-llama-cpp's generator of grammars from JSON schemas. Its package exports it only bound to a loaded model of its own, so the modules
 * are taken by path; they are plain ECMAScript without effects. What it cannot say, a rule of another name or an object whose members
 * may be absent, goes in as a string constant and comes out of its text as a rule's name.
 */
interface Generator {
  readonly rules: ReadonlyMap<string, string | null>;
}
interface Terminal {
  resolve(generator: Generator): string;
}
interface Modules {
  readonly newGenerator: () => Generator;
  readonly terminal: (schema: unknown, generator: Generator) => Terminal;
}

let modules: Modules | undefined;

/** Loaded with the first schema: most requests have none. */
function load(): Modules {
  const require = createRequire(import.meta.url);
  try {
    const folder = join(require.resolve("node-llama-cpp"), "..", "utils", "gbnfJson");
    const { GbnfGrammarGenerator } = require(join(folder, "GbnfGrammarGenerator.js")) as { GbnfGrammarGenerator: new () => Generator };
    const { getGbnfJsonTerminalForGbnfJsonSchema } = require(join(folder, "utils", "getGbnfJsonTerminalForGbnfJsonSchema.js")) as {
      getGbnfJsonTerminalForGbnfJsonSchema: (schema: unknown, generator: Generator, scope: unknown) => Terminal;
    };
    const { GbnfJsonScopeState } = require(join(folder, "utils", "GbnfJsonScopeState.js")) as { GbnfJsonScopeState: new (settings: object) => unknown };
    return {
      newGenerator: () => new GbnfGrammarGenerator(),
      // Line breaks between members would let a hot model write nothing but white space.
      terminal: (schema, generator) => getGbnfJsonTerminalForGbnfJsonSchema(schema, generator, new GbnfJsonScopeState({ allowNewLines: false, scopePadSpaces: 0 })),
    };
  } catch (cause) {
    throw new InfernoError("engine_unsupported", `node-llama-cpp's grammar generator cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export const schemaGrammar: SchemaGrammar = (rules) => {
  modules ??= load();
  const { newGenerator, terminal } = modules;
  const generator = newGenerator();
  const ruleOf = (schema: PlainSchema): string => ("rule" in schema ? schema.rule : terminal(forGenerator(schema), generator).resolve(generator));
  const own = rules.map((rule) => `${rule.name} ::= ${rule.kind === "value" ? ruleOf(rule.schema) : members(rule.name, rule.members, ruleOf)}`);
  const generated = [...generator.rules].flatMap(([name, text]) => (text === null ? [] : [`${name} ::= ${numbers[name] ?? text}`]));
  return [...own, ...generated].join("\n").replace(referenceText, "$1");
};

/** The generator's own let `1e-5` pass for an integer, and exponents of sixteen digits, which no program reads back as the same number. */
const numbers: Readonly<Record<string, string>> = {
  "integer-number-rule": '"-"? ("0" | [1-9] [0-9]{0,14})',
  "fractional-number-rule": '"-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?',
};

const mark = "\uE000";
const referenceText = new RegExp(`"\\\\"${mark}([a-z0-9-]+)${mark}\\\\""`, "g");

function forGenerator(schema: PlainSchema): unknown {
  if ("rule" in schema) return { const: `${mark}${schema.rule}${mark}` };
  if ("oneOf" in schema) return { oneOf: schema.oneOf.map(forGenerator) };
  if (!("type" in schema)) return schema;
  if (schema.type === "array") return { ...schema, items: forGenerator(schema.items), prefixItems: schema.prefixItems?.map(forGenerator) };
  if (schema.type !== "object") return schema;
  const { properties, additionalProperties } = schema;
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, forGenerator(value)])),
    additionalProperties: additionalProperties && forGenerator(additionalProperties),
  };
}

/**
 * The members in their order, each optional one there or not. `head` is what may follow the brace, `tail` what may follow a member,
 * and differs in the comma; both are rules per position, so that the grammar grows with the number of members and no faster.
 */
function members(name: string, list: readonly Member[], ruleOf: (schema: PlainSchema) => string): string {
  const rules: string[] = [];
  const last = list.length;
  let mayBeFirst = true;
  for (const [index, { key, required, schema }] of list.entries()) {
    const member = `${literal(`${JSON.stringify(key)}:`)} [ ]? ${ruleOf(schema)}`;
    const rest = index + 1 < last ? ` ${name}-tail-${index + 1}` : "";
    const head = `${member}${rest}`;
    if (index > 0) rules.push(`${name}-tail-${index} ::= ${required ? `"," [ ]? ${member}` : `( "," [ ]? ${member} )?`}${rest}`);
    const without = index + 1 < last ? `${name}-head-${index + 1}` : '""';
    if (mayBeFirst) rules.push(`${name}-head-${index} ::= ${required ? head : `${head} | ${without}`}`);
    mayBeFirst &&= !required;
  }
  return [`"{" [ ]? ${name}-head-0 [ ]? "}"`, ...rules].join("\n");
}

/** A text as GBNF writes it. JSON has escaped control characters before. */
const literal = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

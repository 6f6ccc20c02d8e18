import type { Tool } from "../../protocol/api/openai.ts";
import type { z } from "zod";
import type { ToolSyntax } from "../template/tool-syntax.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { idMark } from "./id-mark.ts";
import { SchemaLowering, type PlainSchema, type SchemaRule } from "./schema-lowering.ts";

type ToolDefinition = z.infer<typeof Tool>;

export interface ToolGrammar {
  /** GBNF of a rule `calls`; each tool's arguments are a rule of `rules`. */
  readonly gbnf: string;
  readonly rules: readonly SchemaRule[];
}

/** Calls of these tools in the model's own syntax. */
export function toolGrammar(syntax: ToolSyntax, tools: readonly ToolDefinition[], parallel: boolean): ToolGrammar {
  const rules: SchemaRule[] = [];
  const alternatives = tools.map(({ function: { name, parameters, strict } }, index) => {
    const rule = `arguments-${index}`;
    // A function without parameters takes none; one that is not `strict` is only promised arguments of its shape.
    const schema = !parameters || Object.keys(parameters).length === 0 ? { type: "object", additionalProperties: false } : { type: "object", ...parameters };
    const at = `tools[${index}].function.parameters`;
    const lowering = new SchemaLowering(schema, { prefix: rule, at, strict: strict === true });
    const lowered = lowering.lower();
    if (!isAlwaysObject(lowered, lowering.rules)) {
      throw new InfernoError("grammar_invalid", `${at}: the arguments of "${name}" may be something else than an object by this schema; calls take named arguments only.`, {
        param: at, hint: "Make them an object's `properties`, such as {\"type\": \"object\", \"properties\": {\"items\": …}}.",
      });
    }
    rules.push({ name: rule, kind: "value", schema: lowered }, ...lowering.rules);
    return `${literal(name)} ${text(syntax.middle)} ${rule}`;
  });
  const more = parallel && syntax.joint !== null ? ` ( ${text(syntax.joint)} call )*` : "";
  const end = syntax.tail === "" ? "" : ` ${text(syntax.tail)}`;
  const gbnf = [
    `calls ::= ${text(syntax.begin)} call${more}${end}`,
    `call ::= ${alternatives.join(" | ")}`,
    "call-id ::= [a-zA-Z0-9] [a-zA-Z0-9] [a-zA-Z0-9] [a-zA-Z0-9] [a-zA-Z0-9] [a-zA-Z0-9] [a-zA-Z0-9] [a-zA-Z0-9] [a-zA-Z0-9]",
    // The template's white space is what the model was trained on, but what it writes around a call may differ a little.
    "call-space ::= [ \\t\\n]?  [ \\t\\n]?  [ \\t\\n]?  [ \\t\\n]?",
  ].join("\n");
  return { gbnf, rules };
}

/** A call whose arguments are no object could be generated, but is none to whoever reads it. */
function isAlwaysObject(schema: PlainSchema, rules: readonly SchemaRule[], seen: readonly string[] = []): boolean {
  if ("oneOf" in schema) return schema.oneOf.every((option) => isAlwaysObject(option, rules, seen));
  if ("type" in schema) return schema.type === "object";
  if (!("rule" in schema)) return false;
  // A reference to itself adds nothing: what else the rule may be is judged where it began.
  if (seen.includes(schema.rule)) return true;
  const rule = rules.find(({ name }) => name === schema.rule);
  return rule !== undefined && (rule.kind === "members" || isAlwaysObject(rule.schema, rules, [...seen, schema.rule]));
}

/** A piece of the syntax as GBNF: white space may differ, ids are ids. */
function text(piece: string): string {
  return piece.split(new RegExp(`(\\s+|${idMark})`)).filter((part) => part !== "").map((part) => {
    if (part === idMark) return "call-id";
    return part.trim() === "" ? "call-space" : literal(part);
  }).join(" ");
}

export const literal = (value: string): string => `"${value.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")}"`;

/**
 * When the grammar sets in: where the text ends with the trigger, and with as much of what follows it as has come in the same token. A pattern that
 * matched more would hand the grammar text that it must refuse, and a refusal at that moment ends the process.
 */
export function triggerPattern({ begin, trigger, onlyAtStart }: ToolSyntax): string {
  const marker = units(trigger.replaceAll(idMark, ""));
  const rest = units(begin.slice(trigger.length).split(idMark)[0] ?? "").reduceRight((inner, unit) => `(?:${unit}${inner})?`, "");
  const pattern = `(${marker.join("")}${trigger.includes(idMark) ? "" : rest})$`;
  return onlyAtStart ? `^\\s*${pattern}` : pattern;
}

/** Regular expressions for the characters of a text; white space counts as one. */
function units(piece: string): string[] {
  return (piece.match(/\s+|[^]/gu) ?? []).map((part) => (part.trim() === "" ? "[ \\t\\n]{0,4}" : part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")));
}

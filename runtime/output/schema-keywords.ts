import { z } from "zod";

const part = z.unknown().optional();
const parts = z.array(z.unknown()).optional();
const count = z.number().optional();

/** One level of a JSON schema; what is inside is checked when it is read. */
export const SchemaObject = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: part,
  items: part,
  prefixItems: parts,
  minItems: count,
  maxItems: count,
  minLength: count,
  maxLength: count,
  format: z.string().optional(),
  const: part,
  enum: parts,
  anyOf: parts,
  oneOf: parts,
  allOf: parts,
  $ref: z.string().optional(),
});
export type SchemaObject = z.infer<typeof SchemaObject>;

const enforced: ReadonlySet<string> = new Set([
  "type", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "format",
  "const", "enum", "anyOf", "oneOf", "allOf", "$ref",
]);

/** Keywords that say nothing about which values are right. */
const annotations: ReadonlySet<string> = new Set([
  "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$schema", "$id", "id", "$comment", "$anchor", "$defs", "definitions",
]);

/** Values of these that allow everything. */
const harmless: Readonly<Record<string, unknown>> = { uniqueItems: false, nullable: false, minProperties: 0, unevaluatedProperties: false, additionalItems: false };

/** Calls `refuse` with the first keyword that would be ignored. */
export function checkKeywords(schema: SchemaObject, refuse: (keyword: string) => never): void {
  for (const [keyword, value] of Object.entries(schema)) {
    if (enforced.has(keyword) || annotations.has(keyword) || keyword.startsWith("x-")) continue;
    if (Object.hasOwn(harmless, keyword) && harmless[keyword] === value) continue;
    refuse(keyword);
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

/** The rest of a schema, without annotations: what still has to hold beside `keyword`. */
export function withoutKeyword(schema: SchemaObject, keyword: string): SchemaObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== keyword && !annotations.has(key)));
}

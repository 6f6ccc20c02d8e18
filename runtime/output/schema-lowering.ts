import { InfernoError } from "../../protocol/errors.ts";
import { checkKeywords, isObject, SchemaObject, withoutKeyword } from "./schema-keywords.ts";

/** The subset of JSON Schema that a grammar generator has to know. Every property of an `object` is required. */
export type PlainSchema =
  | { readonly type: "string" | "number" | "integer" | "boolean" | "null" }
  | { readonly type: "string"; readonly minLength: number; readonly maxLength: number | undefined }
  | { readonly type: "string"; readonly format: "date" | "time" | "date-time" }
  | { readonly type: "array"; readonly items: PlainSchema; readonly prefixItems?: readonly PlainSchema[] | undefined; readonly minItems: number; readonly maxItems?: number | undefined }
  | { readonly type: "object"; readonly properties: Readonly<Record<string, PlainSchema>>; readonly additionalProperties?: PlainSchema | undefined }
  | { readonly const: string | number | boolean | null }
  | { readonly oneOf: readonly PlainSchema[] }
  | { readonly rule: string };

/** A rule of its own: what a `$ref` points to, and objects whose members may be absent. */
export type SchemaRule =
  | { readonly name: string; readonly kind: "value"; readonly schema: PlainSchema }
  | { readonly name: string; readonly kind: "members"; readonly members: readonly Member[] };

export interface Member {
  readonly key: string;
  readonly required: boolean;
  readonly schema: PlainSchema;
}

/** Schemas come from strangers: these bound the grammar's size and the time to make it. */
const limits = { depth: 32, parts: 4000, alternatives: 1000, count: 1000 };

/** Beside the pointers of `$ref`, which begin with #. */
const anyPointer = "any";

type Type = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";
const types: readonly Type[] = ["string", "number", "integer", "boolean", "null", "array", "object"];

/** Brings one JSON schema into the subset. Throws `grammar_invalid` with the path of the part that it cannot express. */
export class SchemaLowering {
  readonly rules: SchemaRule[] = [];
  readonly #root: unknown;
  readonly #prefix: string;
  readonly #at: string;
  /** False: keywords that no grammar can express are left out, where a caller only wants the schema's shape. */
  readonly #strict: boolean;
  readonly #refs = new Map<string, string>();
  #parts = 0;
  /** References within references that are being merged. */
  #following = 0;

  /** `prefix` makes the rules' names unique, `at` is the schema's place in the request. */
  constructor(root: unknown, options: { readonly prefix: string; readonly at: string; readonly strict: boolean }) {
    this.#root = root;
    this.#prefix = options.prefix;
    this.#at = options.at;
    this.#strict = options.strict;
  }

  lower(): PlainSchema {
    const schema = this.#lower(this.#root, "", 0);
    this.#refuseEmptyCycles();
    return schema;
  }

  #lower(schema: unknown, path: string, depth: number): PlainSchema {
    this.#parts += 1;
    if (depth > limits.depth) this.#refuse(path, `is nested deeper than ${limits.depth}`);
    if (this.#parts > limits.parts) this.#refuse(path, `makes the schema larger than ${limits.parts} parts`);
    if (schema === true) return this.#anything();
    if (schema === false) this.#refuse(path, "is `false`, which no value satisfies");
    const node = this.#node(schema, path);
    if (this.#strict) checkKeywords(node, (keyword) => this.#refuse(`${path}/${keyword}`, "cannot be enforced while text is generated"));
    return this.#branch(node, path, depth);
  }

  #node(schema: unknown, path: string): SchemaObject {
    const { data, error } = SchemaObject.safeParse(schema);
    if (error === undefined) return data;
    const [issue] = error.issues;
    return this.#refuse([path, ...(issue?.path ?? [])].join("/"), `is not what JSON Schema has there: ${issue?.message ?? "not a schema"}`);
  }

  #branch(schema: SchemaObject, path: string, depth: number): PlainSchema {
    if (schema.$ref !== undefined) return this.#ref(schema, path, depth);
    if (schema.allOf !== undefined) return this.#allOf(schema, path, depth);
    for (const keyword of ["anyOf", "oneOf"] as const) {
      const options = schema[keyword];
      if (options === undefined) continue;
      this.#list(options, `${path}/${keyword}`);
      const rest = withoutKeyword(schema, keyword);
      return { oneOf: options.map((option, index) => this.#lower(this.#merge(rest, option, `${path}/${keyword}/${index}`), `${path}/${keyword}/${index}`, depth + 1)) };
    }
    if (schema.const !== undefined) return this.#literal(schema.const, `${path}/const`, depth);
    if (schema.enum !== undefined) {
      this.#list(schema.enum, `${path}/enum`);
      const fitting = schema.enum.filter((value) => schema.type === undefined || typesOf(schema.type).some((type) => isOfType(value, type)));
      if (fitting.length === 0) this.#refuse(`${path}/enum`, "has no value of the schema's type");
      return { oneOf: fitting.map((value) => this.#literal(value, `${path}/enum`, depth)) };
    }
    const wanted = typesOf(schema.type ?? impliedType(schema));
    if (wanted.length === 0) return this.#anything();
    const [only] = wanted;
    if (wanted.length === 1 && only !== undefined) return this.#typed(schema, only, path, depth);
    return { oneOf: wanted.map((type) => this.#typed(schema, type, path, depth)) };
  }

  #typed(schema: SchemaObject, type: string, path: string, depth: number): PlainSchema {
    switch (type) {
      case "string": return this.#string(schema, path);
      case "array": return this.#array(schema, path, depth);
      case "object": return this.#object(schema, path, depth);
      case "number": case "integer": case "boolean": case "null": return { type };
      default: return this.#refuse(`${path}/type`, `is ${JSON.stringify(type)}, not one of ${types.join(", ")}`);
    }
  }

  #string({ minLength, maxLength, format }: SchemaObject, path: string): PlainSchema {
    if (format === "date" || format === "time" || format === "date-time") return { type: "string", format };
    if (format !== undefined && this.#strict) this.#refuse(`${path}/format`, `is ${JSON.stringify(format)}; date, time and date-time can be enforced`);
    if (minLength === undefined && maxLength === undefined) return { type: "string" };
    return { type: "string", ...this.#range(minLength, maxLength, path, "Length", (min, max) => ({ minLength: min, maxLength: max })) };
  }

  #array(schema: SchemaObject, path: string, depth: number): PlainSchema {
    const prefixItems = schema.prefixItems?.map((item, index) => this.#lower(item, `${path}/prefixItems/${index}`, depth + 1));
    const noMore = schema.items === false;
    const items = this.#lower(noMore ? true : (schema.items ?? true), `${path}/items`, depth + 1);
    const least = prefixItems?.length ?? 0;
    const most = noMore ? least : schema.maxItems;
    return {
      type: "array", items, ...(least > 0 && { prefixItems }),
      ...this.#range(Math.max(schema.minItems ?? 0, least), most, path, "Items", (minItems, maxItems) => ({ minItems, maxItems })),
    };
  }

  /** Members that the schema does not name are left out wherever it names some: an object without them always satisfies it. */
  #object(schema: SchemaObject, path: string, depth: number): PlainSchema {
    const { properties = {}, additionalProperties = true } = schema;
    const required = new Set(schema.required ?? []);
    for (const key of required) {
      if (!Object.hasOwn(properties, key)) this.#refuse(`${path}/required`, `names ${JSON.stringify(key)}, which is not in \`properties\``);
    }
    const members = Object.entries(properties).map(([key, value]) => {
      this.#refuseUnwritable(key, `${path}/properties`);
      return { key, required: required.has(key), schema: this.#lower(value, `${path}/properties/${key}`, depth + 1) };
    });
    if (members.length === 0) {
      if (additionalProperties === false) return { type: "object", properties: {} };
      return { type: "object", properties: {}, additionalProperties: this.#lower(additionalProperties, `${path}/additionalProperties`, depth + 1) };
    }
    if (members.every((member) => member.required)) {
      return { type: "object", properties: Object.fromEntries(members.map((member) => [member.key, member.schema])) };
    }
    return this.#rule((name) => ({ name, kind: "members", members }));
  }

  #literal(value: unknown, path: string, depth: number): PlainSchema {
    this.#parts += 1;
    if (this.#parts > limits.parts || depth > limits.depth) this.#refuse(path, "is too large");
    if (typeof value === "string") this.#refuseUnwritable(value, path);
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return { const: value };
    if (Array.isArray(value)) {
      const prefixItems = value.map((item: unknown) => this.#literal(item, path, depth + 1));
      return { type: "array", items: { type: "null" }, ...(prefixItems.length > 0 && { prefixItems }), minItems: prefixItems.length, maxItems: prefixItems.length };
    }
    const entries = typeof value === "object" ? Object.entries(value) : [];
    return { type: "object", properties: Object.fromEntries(entries.map(([key, item]) => [key, this.#literal(item, path, depth + 1)])) };
  }

  /** Any JSON value. */
  #anything(): PlainSchema {
    const known = this.#refs.get(anyPointer);
    if (known !== undefined) return { rule: known };
    return this.#rule((name) => {
      this.#refs.set(anyPointer, name);
      const any: PlainSchema = { rule: name };
      const scalars: PlainSchema[] = [{ type: "string" }, { type: "number" }, { type: "boolean" }, { type: "null" }];
      return { name, kind: "value", schema: { oneOf: [...scalars, { type: "array", items: any, minItems: 0 }, { type: "object", properties: {}, additionalProperties: any }] } };
    });
  }

  /** One rule for each place that is pointed to, made when it is first needed: schemas may refer to themselves. */
  #ref(schema: SchemaObject, path: string, depth: number): PlainSchema {
    const pointer = schema.$ref ?? "";
    const target = this.#resolve(pointer, `${path}/$ref`);
    const rest = withoutKeyword(schema, "$ref");
    if (Object.keys(rest).length > 0) return this.#lower(this.#merge(rest, target, path), path, depth + 1);
    const known = this.#refs.get(pointer);
    if (known !== undefined) return { rule: known };
    return this.#rule((name) => {
      this.#refs.set(pointer, name);
      return { name, kind: "value", schema: this.#lower(target, pointer, depth + 1) };
    });
  }

  #rule(make: (name: string) => SchemaRule): PlainSchema {
    const index = this.rules.length;
    const name = `${this.#prefix}-${index}`;
    // Its place is taken before what it holds makes rules too.
    this.rules.push({ name, kind: "value", schema: { type: "null" } });
    this.rules[index] = make(name);
    return { rule: name };
  }

  #resolve(pointer: string, path: string): unknown {
    if (!pointer.startsWith("#")) this.#refuse(path, `is ${JSON.stringify(pointer)}; only references within the schema are followed`);
    let value: unknown = this.#root;
    for (const step of pointer.slice(1).split("/").slice(1)) {
      const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
      if (Array.isArray(value)) value = value[Number(key)];
      else value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    }
    if (value === undefined) this.#refuse(path, `points to ${JSON.stringify(pointer)}, which is not there`);
    return value;
  }

  #allOf(schema: SchemaObject, path: string, depth: number): PlainSchema {
    const parts = schema.allOf ?? [];
    this.#list(parts, `${path}/allOf`);
    const rest: unknown = withoutKeyword(schema, "allOf");
    const merged = parts.reduce<unknown>((whole, part, index) => this.#merge(whole, part, `${path}/allOf/${index}`), rest);
    return this.#lower(merged, path, depth + 1);
  }

  /** Both at once. Properties are put together; anything else must be said by one of them only, or alike. */
  #merge(a: unknown, b: unknown, path: string): unknown {
    if (a === true || (isObject(a) && Object.keys(a).length === 0)) return b;
    if (b === true) return a;
    if (a === false || b === false) return false;
    if (!isObject(a) || !isObject(b)) this.#refuse(path, "is not a schema");
    if (typeof b.$ref === "string") {
      this.#parts += 1;
      this.#following += 1;
      if (this.#parts > limits.parts || this.#following > limits.depth) this.#refuse(path, "refers to itself, or to too much");
      const target = this.#merge(withoutKeyword(b, "$ref"), this.#resolve(b.$ref, `${path}/$ref`), path);
      this.#following -= 1;
      return this.#merge(a, target, path);
    }
    const merged: Record<string, unknown> = { ...a };
    for (const [key, value] of Object.entries(b)) {
      const before = merged[key];
      if (before === undefined || JSON.stringify(before) === JSON.stringify(value)) merged[key] = value;
      else if (key === "properties" && isObject(before) && isObject(value)) merged[key] = this.#mergeProperties(before, value, path);
      else if (key === "required" && Array.isArray(before) && Array.isArray(value)) merged[key] = [...new Set<unknown>(before.concat(value))];
      else this.#refuse(`${path}/${key}`, "differs from what another part of the same schema says");
    }
    return merged;
  }

  #mergeProperties(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>, path: string): Record<string, unknown> {
    const merged: Record<string, unknown> = { ...a };
    for (const [key, value] of Object.entries(b)) {
      const before = merged[key];
      merged[key] = before === undefined ? value : this.#merge(before, value, `${path}/properties/${key}`);
    }
    return merged;
  }

  #range<T>(min: number | undefined, max: number | undefined, path: string, what: "Length" | "Items", make: (min: number, max: number | undefined) => T): T {
    for (const [name, value] of [[`min${what}`, min], [`max${what}`, max]] as const) {
      if (value === undefined) continue;
      if (!Number.isInteger(value) || value < 0) this.#refuse(`${path}/${name}`, "is not a whole number of 0 or more");
      // Each repetition is a rule of the grammar; llama.cpp's parser has a limit of its own.
      if (value > limits.count) this.#refuse(`${path}/${name}`, `is more than ${limits.count}`);
    }
    if (max !== undefined && (min ?? 0) > max) this.#refuse(`${path}/max${what}`, "is less than the least");
    return make(min ?? 0, max);
  }

  /** A rule that leads back to itself without a character between would never end. */
  #refuseEmptyCycles(): void {
    const next = new Map(this.rules.map((rule) => [rule.name, rule.kind === "value" ? rulesAtOnce(rule.schema) : []]));
    for (const [start, first] of next) {
      const seen = new Set(first);
      for (const name of seen) for (const further of next.get(name) ?? []) seen.add(further);
      if (seen.has(start)) this.#refuse("", "has a `$ref` that leads back to itself");
    }
  }

  /** The grammar generator escapes only the usual control characters. */
  #refuseUnwritable(text: string, path: string): void {
    const hasControl = text.split(/[\t\r\n]/).some((part) => /\p{Cc}/u.test(part));
    if (hasControl || !text.isWellFormed()) this.#refuse(path, "holds a control character or half of a surrogate pair");
  }

  #list(values: readonly unknown[], path: string): void {
    if (!Array.isArray(values) || values.length === 0) this.#refuse(path, "is not a list of at least one");
    if (values.length > limits.alternatives) this.#refuse(path, `has more than ${limits.alternatives} entries`);
  }

  #refuse(path: string, reason: string): never {
    throw new InfernoError("grammar_invalid", `The schema's ${path === "" ? "root" : path.slice(0, 200)} ${reason}.`, { param: this.#at });
  }
}

function typesOf(type: string | readonly string[] | undefined): readonly string[] {
  return typeof type === "string" ? [type] : (type ?? []);
}

/** What a schema without `type` speaks of. */
function impliedType({ properties, required, additionalProperties, items, prefixItems, minLength, maxLength }: SchemaObject): Type | undefined {
  if (properties ?? required ?? additionalProperties) return "object";
  if (items ?? prefixItems) return "array";
  return (minLength ?? maxLength) === undefined ? undefined : "string";
}

/** The rules with which a value of this schema may begin, before any character. */
function rulesAtOnce(schema: PlainSchema): readonly string[] {
  if ("rule" in schema) return [schema.rule];
  return "oneOf" in schema ? schema.oneOf.flatMap(rulesAtOnce) : [];
}

function isOfType(value: unknown, type: string): boolean {
  if (value === null) return type === "null";
  if (Array.isArray(value)) return type === "array";
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

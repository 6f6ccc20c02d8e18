import { z } from "zod";
import { Manifest } from "../manifest.ts";

/** The JSON Schema of inferno.model.yaml, for any editor that takes a schema. */
export function manifestJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(Manifest, { target: "draft-7", io: "input" });
  return { $schema, ...schema };
}

/** The same of one task each: what an editor shows of a file whose task is known. */
export function manifestJsonSchemas(): Record<string, Record<string, unknown>> {
  return Object.fromEntries(Manifest.options.map((option) => [option.shape.task.value, inlined(z.toJSONSchema(option, { target: "draft-7", io: "input" }))]));
}

/** With the definition that the schema is in its place, so that something can be put beside it. */
function inlined({ $ref, ...rest }: z.core.JSONSchema.BaseSchema): Record<string, unknown> {
  const definitions = (rest["definitions"] ?? {}) as Readonly<Record<string, object>>;
  return { ...rest, ...definitions[$ref?.split("/").at(-1) ?? ""] };
}

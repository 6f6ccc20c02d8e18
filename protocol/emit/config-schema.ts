import { z } from "zod";
import { Config } from "../config.ts";

/** The JSON Schema of inferno.yaml, for the language server and for any editor that takes a schema. */
export function configJsonSchema(): Record<string, unknown> {
  // `input`: what a person writes, so fields with a default are not required.
  const { $schema, ...schema } = z.toJSONSchema(Config, { target: "draft-7", io: "input" });
  return { $schema, ...schema };
}

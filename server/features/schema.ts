import { aliasPattern } from "../../protocol/config.ts";
import { configJsonSchema } from "../../protocol/emit/config-schema.ts";

/** Any name would do: every document of this server has this one schema. */
export const schemaUri = "inferno:///schemas/inferno.schema.json";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The generated schema with what yaml-language-server needs to show it well. */
export function editorSchema(): Record<string, Json> {
  const schema = JSON.parse(JSON.stringify(configJsonSchema())) as Json;
  const { title: _, ...rest } = withMarkdown(schema) as Record<string, Json>;
  return rest;
}

/** Descriptions are Markdown; without this keyword their backticks would be escaped. The schema's numbers of safe integers say nothing to a person. */
function withMarkdown(node: Json): Json {
  if (node === null || typeof node !== "object") return node;
  if (isList(node)) return node.map(withMarkdown);
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "maximum" && value === Number.MAX_SAFE_INTEGER) continue;
    result[key] = withMarkdown(value);
  }
  if (typeof node["description"] === "string") result["markdownDescription"] = node["description"];
  if (node["pattern"] === aliasPattern.source) {
    result["patternErrorMessage"] = "A model's name is letters, digits and `. _ : / -`, at most 100, and begins with a letter or digit.";
  }
  return result;
}

const isList = (node: Json): node is readonly Json[] => Array.isArray(node);

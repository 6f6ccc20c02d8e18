import { aliasPattern } from "../../protocol/config.ts";
import { configJsonSchema } from "../../protocol/emit/config-schema.ts";
import { manifestJsonSchemas } from "../../protocol/emit/manifest-schema.ts";
import { modelTasks, taskTable } from "../../protocol/model.ts";
import { kindOf } from "./document-kind.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type EditorSchema = Record<string, Json>;

/** The schemas by name: that of inferno.yaml, one for each task of a manifest, and one for a manifest whose task is not known yet. */
export function editorSchemas(): ReadonlyMap<string, EditorSchema> {
  const manifests = Object.entries(manifestJsonSchemas());
  const task = taskProperty(manifests.map(([name]) => name));
  const manifest = ([name, schema]: [string, unknown]): [string, EditorSchema] => {
    const shown = editorSchema(schema);
    const { properties } = shown;
    // All tasks are offered, though the rest is about the one that stands there.
    return [`manifest/${name}`, { ...shown, properties: { ...(isMap(properties) ? properties : {}), task } }];
  };
  return new Map([["config", editorSchema(configJsonSchema())], ["manifest", { type: "object", properties: { task }, required: ["task"] }], ...manifests.map(manifest)]);
}

/** Which of them a document gets. */
export function schemaNameOf(uri: string, text: string): string {
  if (kindOf(uri) === "config") return "config";
  const task = /^task:[ \t]*["']?([\w-]+)/m.exec(text)?.[1] ?? "";
  return modelTasks.some((name) => name === task) ? `manifest/${task}` : "manifest";
}

function taskProperty(names: readonly string[]): EditorSchema {
  const does = modelTasks.filter((task) => names.includes(task)).map((task) => `\`${task}\` ${taskTable[task]}`);
  const description = `What the model is for: ${does.join(", ")}. It decides which other keys there are.`;
  return { type: "string", enum: [...names], description, markdownDescription: description };
}

/** A generated schema with what yaml-language-server needs to show it well. */
function editorSchema(generated: unknown): EditorSchema {
  const { title: _, ...rest } = withMarkdown(JSON.parse(JSON.stringify(generated)) as Json) as EditorSchema;
  return rest;
}

const isMap = (node: Json | undefined): node is { readonly [key: string]: Json } => typeof node === "object" && node !== null && !isList(node);

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

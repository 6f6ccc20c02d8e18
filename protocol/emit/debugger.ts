import { z } from "zod";
import { samplingFields } from "../api/openai.ts";
import { AttachConfiguration, debuggerSnippets, debuggerType, LaunchConfiguration, tokenDocument } from "../debugger.ts";
import type { Json } from "./contributes.ts";

/** The language of token documents: breakpoints can be set in them. */
export const tokenLanguage = { id: tokenDocument.language, aliases: ["Inferno tokens"], extensions: [tokenDocument.extension] };

export function debuggers(): readonly Json[] {
  return [{
    type: debuggerType, label: "Inferno", languages: [tokenDocument.language],
    configurationAttributes: { launch: attributes("launch", LaunchConfiguration), attach: attributes("attach", AttachConfiguration) },
    configurationSnippets: Object.entries(debuggerSnippets).map(([id, { body }]) => ({ label: `%debugger.snippet.${id}%`, description: `%debugger.snippet.${id}.description%`, body })),
  }];
}

/** The English texts behind their keys. */
export function debuggerTexts(): Record<string, string> {
  const described = (request: string, { shape }: z.ZodObject) => Object.entries(shape)
    .filter(([name]) => !(name in samplingFields))
    .map(([name, schema]): [string, string] => [`debugger.${request}.${name}`, z.globalRegistry.get(schema)?.description ?? ""]);
  const snippets = Object.entries(debuggerSnippets).flatMap(([id, { label, description }]): [string, string][] => [[`debugger.snippet.${id}`, label], [`debugger.snippet.${id}.description`, description]]);
  return Object.fromEntries([...described("launch", LaunchConfiguration), ...described("attach", AttachConfiguration), ...snippets]);
}

/** None is required: what is missing is asked for. The settings of sampling keep the API's own descriptions. */
function attributes(request: string, schema: z.ZodObject): Json {
  const { properties = {} } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return {
    properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => {
      const plain = withoutNull(JSON.parse(JSON.stringify(property)) as Record<string, Json>);
      return [name, name in samplingFields ? plain : { ...plain, description: `%debugger.${request}.${name}%` }];
    })),
  };
}

/** A field that may be null is one that may be left away, which is what a configuration does. */
function withoutNull({ anyOf, ...property }: Record<string, Json>): Record<string, Json> {
  if (!Array.isArray(anyOf)) return property;
  const [only, ...more] = (anyOf as readonly Json[]).filter((each) => JSON.stringify(each) !== '{"type":"null"}');
  return more.length === 0 && typeof only === "object" && only !== null ? { ...(only as Record<string, Json>), ...property } : { anyOf, ...property };
}

import { isMap, parseDocument } from "yaml";
import { InfernoError } from "../../protocol/errors.ts";
import { parseConfig } from "./load.ts";

/** The configuration's text with one more model in it; comments and order stay. Throws `alias_conflict` or `config_invalid`. */
export function addModel(text: string, path: string, name: string, source: string): string {
  const known = parseConfig(text, path).models[name];
  if (known?.source === source) return text;
  if (known !== undefined) throw new InfernoError("alias_conflict", `"${name}" is ${known.source} in ${path} already.`, { hint: "Choose another name with --name." });
  const document = parseDocument(text);
  // A key without a value, or no key at all.
  if (!isMap(document.get("models"))) document.set("models", document.createNode({}));
  document.setIn(["models", name], document.createNode({ source }));
  const changed = document.toString({ lineWidth: 0 });
  parseConfig(changed, path);
  return changed;
}

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./source-files.ts";

/** Paths of ours that a text names in backticks or links to, such as `runtime/pipeline.ts`; sorted by first mention. */
export function namedFiles(text: string): string[] {
  const named = [...text.matchAll(/[`(]((?:[\w.@-]+\/)+[\w.@-]+\.(?:tsx?|mjs|json|md|py))(?:#[\w-]+)?[`)]/g)];
  return [...new Set(named.map((match) => match[1]!.replace(/^(?:\.\.\/)+/, "")))];
}

/** Relative links of a Markdown file that lead nowhere. */
export function brokenLinks(file: string, text = readFileSync(join(root, file), "utf8")): string[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1]!)
    .filter((target) => !existsSync(join(root, dirname(file), target)));
}

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandTable } from "../protocol/commands.ts";

/** The texts that the extension passes to `t`, whether VS Code's own or the one that parts without VS Code are given; sorted. */
export function translatableTexts(root: string): string[] {
  // Commands are also offered in a list of our own, under their titles.
  const texts = new Set<string>(Object.values(commandTable).map(({ title }) => title));
  for (const file of globSync("extension/**/*.ts", { cwd: root })) {
    const source = readFileSync(join(root, file), "utf8");
    for (const [, literal] of source.matchAll(/\bt\(\s*("(?:[^"\\]|\\.)*")/g)) texts.add(String(JSON.parse(literal!)));
  }
  return [...texts].sort();
}

/** The bundle that translations are made from: each text under itself. */
export const bundleText = (root: string) => `${JSON.stringify(Object.fromEntries(translatableTexts(root).map((text) => [text, text])), null, 2)}\n`;

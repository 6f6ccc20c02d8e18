import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { bundleText, translatableTexts } from "../../../scripts/translatable-texts.ts";

const root = packageRoot(import.meta.dirname);
const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as Record<string, string>;
const placeholders = (text: string) => [...text.matchAll(/\{\d+\}|\(command:[\w.]+\)/g)].map(([found]) => found).sort();

suite("texts of the extension", () => {
  test("the bundle holds every text that is translated", () => {
    assert.ok(translatableTexts(root).includes("Inferno: loading {0}"));
    assert.equal(readFileSync(join(root, "l10n/bundle.l10n.json"), "utf8"), bundleText(root), "run `node scripts/l10n.ts`");
  });

  const translations = [
    ...globSync("l10n/bundle.l10n.*.json", { cwd: root }).map((file) => [file, "l10n/bundle.l10n.json"] as const),
    ...globSync("package.nls.*.json", { cwd: root }).map((file) => [file, "package.nls.json"] as const),
  ];
  for (const [file, original] of translations) {
    // What is not translated yet appears in English; what nobody asks for, or with other placeholders, is wrong.
    test(`${file} translates texts that exist, with their placeholders`, () => {
      const english = read(original);
      for (const [key, text] of Object.entries(read(file))) {
        assert.ok(key in english, `${key} is no text of ${original}`);
        assert.deepEqual(placeholders(text), placeholders(english[key]!), key);
      }
    });
  }
});

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const folder = join(import.meta.dirname, "..", "golden");

/** Compares text with test/golden/NAME. `UPDATE_GOLDEN=1` writes it instead, for a person to read in the diff. */
export function matchesGolden(name: string, text: string): void {
  const file = join(folder, name);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  assert.ok(existsSync(file), `${file} does not exist; UPDATE_GOLDEN=1 writes it`);
  assert.equal(text, readFileSync(file, "utf8"), `differs from ${file}; UPDATE_GOLDEN=1 takes the new text`);
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { root } from "./source-files.ts";

/** Generated files are committed; each generator's `--check` regenerates in memory and exits 1 on a difference. */
const generators: readonly (readonly [what: string, script: string])[] = [
  ["contributes, JSON Schema, openapi.json and docs/reference follow protocol/", "protocol/emit/main.ts"],
  ["the llama binding follows the llama.h that node-llama-cpp ships", "runtime/backends/llama/native/generate.ts"],
];

for (const [what, script] of generators) {
  test(what, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { cwd: root, encoding: "utf8" });
    assert.equal(status, 0, `${script} --check failed; run it without --check and commit the result.\n${stdout}${stderr}`);
  });
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./source-files.ts";

/** Generated files are committed; each generator's `--check` regenerates in memory and exits 1 on a difference. */
const check = (script: string, cwd: string) => spawnSync(process.execPath, [script, "--check"], { cwd, encoding: "utf8" });
const emit = "protocol/emit/main.ts";
const bind = "runtime/backends/llama/native/generate.ts";
const assemble = "runtime/backends/llama/token-facts/generate.ts";
const advice = "run it without --check and commit the result.";

test("contributes, JSON Schema, OpenAPI and docs/reference follow protocol/", () => {
  const { status, stderr } = check(emit, root);
  assert.equal(status, 0, `${emit}: ${advice}\n${stderr}`);
});

// The headers lie in a git bundle. Whoever changes the binding has git; a machine that only has the files may not.
const noGit = spawnSync("git", ["--version"]).status === 0 ? false : "git is not installed";

test("the llama binding follows the llama.h that node-llama-cpp ships", { skip: noGit }, () => {
  const { status, stdout, stderr } = check(bind, root);
  assert.equal(status, 0, `${bind}: ${advice}\n${stdout}${stderr}`);
});

test("the kernel's bytes are those of kernel.wat", () => {
  const { status, stdout, stderr } = check(assemble, root);
  assert.equal(status, 0, `${assemble}: ${advice}\n${stdout}${stderr}`);
});

test("an edited generated file is noticed and named", (t) => {
  const copy = mkdtempSync(join(tmpdir(), "inferno-drift-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  for (const path of ["base", "protocol", "schemas", "docs/reference", "package.json", "package.nls.json"]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  assert.equal(check(emit, copy).status, 0);
  appendFileSync(join(copy, "docs/reference/errors.md"), "by hand\n");
  const { status, stderr } = check(emit, copy);
  assert.equal(status, 1);
  assert.match(stderr, /errors\.md/);
  assert.doesNotMatch(stderr, /routes\.md/);
});

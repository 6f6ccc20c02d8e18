import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runCli } from "../../../../runtime/cli/cli.ts";
import { candidates } from "../../../../runtime/cli/commands/completion.ts";
import { makeProgram } from "../../../../runtime/cli/program.ts";
import { fakeTerminal } from "../../../drivers/fake-terminal.ts";

const program = makeProgram(fakeTerminal(), "1", () => undefined);
const offered = (...words: string[]) => candidates(program, words, async () => ["ember", "qwen"]);

test("what is offered where", async () => {
  assert.ok((await offered("")).includes("serve"));
  assert.equal((await offered("")).includes("complete"), false, "the shell's own entrance is not for people");
  assert.deepEqual(await offered("gpu", ""), ["install", "list", "remove", "help"]);
  assert.deepEqual(await offered("gpu", "install", ""), ["cuda", "vulkan"]);
  assert.deepEqual(await offered("run", ""), ["ember", "qwen"]);
  assert.deepEqual(await offered("run", "ember", ""), [], "a prompt");
  assert.deepEqual(await offered("--json", "run", "--seed", "7", ""), ["ember", "qwen"], "an option's value is no argument");
  assert.deepEqual(await offered("serve", "--config", ""), [], "files are the shell's");
  assert.ok((await offered("run", "ember", "--s")).includes("--seed"));
  assert.deepEqual(await offered("completion", ""), ["bash", "zsh", "fish"]);
});

describe("in a folder with a configuration", () => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-completion-"));
  const complete = async (...words: string[]) => {
    const terminal = fakeTerminal({ env: { INFERNO_HOME: folder }, cwd: folder });
    assert.equal(await runCli(["complete", "--", ...words], terminal, "1"), 0);
    return terminal.printed.stdout;
  };

  test("models come from it, and only what fits is printed", async () => {
    writeFileSync(join(folder, "inferno.yaml"), "models:\n  eagle: { source: a.gguf }\n  owl: { source: b.gguf }\n");
    assert.equal(await complete("run", "e"), "eagle\nember\n");
    assert.equal(await complete("tra"), "trace\n");
    assert.equal(await complete("nonsense", "x"), "");
    rmSync(folder, { recursive: true });
  });
});

test("bash takes its script, and completes with it", { skip: spawnSync("bash", ["-c", ":"]).status === 0 ? false : "no bash here" }, async () => {
  const terminal = fakeTerminal();
  await runCli(["completion", "bash"], terminal, "1");
  const typed = [
    terminal.printed.stdout,
    // Stands in for the program: prints what it was asked.
    "inferno() { local IFS=' '; printf '%s\\n' run-it \"got-$*\"; }",
    "COMP_WORDS=(inferno run e); COMP_CWORD=2; _inferno; echo \"${#COMPREPLY[@]}\"",
    "COMP_WORDS=(inferno r); COMP_CWORD=1; _inferno; echo \"${COMPREPLY[*]}\"",
    "COMP_WORDS=(inferno got); COMP_CWORD=1; _inferno; echo \"${COMPREPLY[*]}\"",
  ].join("\n");
  const output = execFileSync("bash", ["--norc", "-c", typed], { encoding: "utf8" });
  assert.deepEqual(output.trimEnd().split("\n"), ["0", "run-it", "got-complete -- got"]);
});

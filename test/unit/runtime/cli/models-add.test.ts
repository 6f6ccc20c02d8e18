import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { Manifest } from "../../../../protocol/manifest.ts";
import { graph, model, node, tensor, value } from "../../../../runtime/onnx-file/build.ts";
import { runCli } from "../../../../runtime/cli/cli.ts";
import { fakeTerminal, type FakeTerminalOptions } from "../../../drivers/fake-terminal.ts";
import { matchesGolden } from "../../../drivers/golden.ts";
import { put, ramp, temporaryFolder } from "../onnx-file/files.ts";

/** Vectors of tokens: clear, once a tokenizer lies beside it. */
const embedding = () => model(graph({
  nodes: [node("Gather", ["words", "input_ids"], ["last_hidden_state"])], initializers: [tensor("words", "float32", [64, 8], ramp(512))],
  inputs: [value("input_ids", "int64", ["batch", "tokens"])], outputs: [value("last_hidden_state", "float32", ["batch", "tokens", 8])],
}));
/** Vectors of texts, or a hundred labels. */
const unclear = () => model(graph({
  nodes: [node("Identity", ["input_ids"], ["logits"])], inputs: [value("input_ids", "int64", ["batch", 100])], outputs: [value("logits", "float32", ["batch", 100])],
}));

async function add(cwd: string, args: string[], options: FakeTerminalOptions = {}) {
  const terminal = fakeTerminal({ cwd, env: { INFERNO_HOME: join(cwd, "home") }, ...options });
  const code = await runCli(["models", "add", ...args], terminal, "1.2.3");
  return { code, ...terminal.printed };
}

function project(t: Parameters<typeof temporaryFolder>[0], content = embedding()): string {
  const root = temporaryFolder(t);
  mkdirSync(join(root, "minilm"));
  put(join(root, "minilm"), "model.onnx", content);
  writeFileSync(join(root, "minilm", "tokenizer.json"), "{}");
  return root;
}

const config = "# Ours.\nmodels:\n  # The small one.\n  tiny: { source: tiny.gguf } # do not touch\n\nserver:\n  port: 0 # any\n";

test("a manifest beside the model, and a line in the configuration, whose comments stay", async (t) => {
  const root = project(t);
  writeFileSync(join(root, "inferno.yaml"), config);
  const { code, stdout, stderr } = await add(root, ["minilm/model.onnx"]);
  assert.deepEqual([code, stderr], [0, ""]);
  matchesGolden("cli/models-add.txt", stdout.replaceAll(root, "PROJECT"));
  matchesGolden("cli/models-add-manifest.txt", readFileSync(join(root, "minilm", "inferno.model.yaml"), "utf8"));
  assert.equal(readFileSync(join(root, "inferno.yaml"), "utf8"), config.replace("do not touch\n", "do not touch\n  minilm:\n    source: minilm\n"));
  assert.deepEqual(readdirSync(root).sort(), ["inferno.yaml", "minilm"]);
});

test("again: what is there stays, unless it is forced", async (t) => {
  const root = project(t);
  writeFileSync(join(root, "inferno.yaml"), "");
  const manifest = join(root, "minilm", "inferno.model.yaml");
  writeFileSync(manifest, "task: raw # as we want it\n");
  const kept = await add(root, ["minilm"]);
  assert.equal(kept.code, 0);
  assert.match(kept.stdout, /stays as it is[^]*Added "minilm"/);
  assert.match(readFileSync(manifest, "utf8"), /as we want it/);
  assert.equal((await add(root, ["minilm", "--task", "embedding"])).code, 2);
  assert.equal((await add(root, ["minilm", "--task", "embedding", "--force"])).code, 0);
  assert.equal(Manifest.parse(parse(readFileSync(manifest, "utf8"))).task, "embedding");
  writeFileSync(manifest, "task: nothing\n");
  assert.equal((await add(root, ["minilm"])).code, 4);
});

test("a name that is taken writes nothing", async (t) => {
  const root = project(t);
  writeFileSync(join(root, "inferno.yaml"), config);
  const { code, stderr } = await add(root, ["minilm", "--name", "tiny"]);
  assert.equal(code, 2);
  assert.match(stderr, /alias_conflict/);
  assert.equal(existsSync(join(root, "minilm", "inferno.model.yaml")), false);
  assert.equal((await add(root, ["minilm", "--name", "no good"])).code, 2);
});

test("without a configuration it says what to add", async (t) => {
  const root = project(t);
  const { code, stdout } = await add(root, ["minilm", "--name", "words"]);
  assert.equal(code, 0);
  assert.deepEqual(parse(stdout.slice(stdout.indexOf("models:"))), { models: { words: { source: join(root, "minilm") } } });
});

test("a GGUF file needs no manifest", async (t) => {
  const root = project(t);
  writeFileSync(join(root, "inferno.yaml"), "");
  writeFileSync(join(root, "tiny-q8_0.gguf"), "GGUF");
  assert.equal((await add(root, ["tiny-q8_0.gguf"])).code, 0);
  assert.deepEqual(parse(readFileSync(join(root, "inferno.yaml"), "utf8")), { models: { "tiny-q8_0": { source: "tiny-q8_0.gguf" } } });
});

test("files that are missing are named; as it is, it is raw", async (t) => {
  const root = temporaryFolder(t);
  put(root, "model.onnx", embedding());
  const { code, stderr } = await add(root, ["model.onnx", "--task", "embedding"]);
  assert.equal(code, 4);
  assert.match(stderr, /needs tokenizer\.json/);
  const raw = await add(root, ["model.onnx", "--task", "raw", "--json"]);
  assert.equal((JSON.parse(raw.stdout) as { task: string }).task, "raw");
  assert.equal((await add(root, ["none.onnx"])).code, 4);
});

test("where several things are likely, nobody decides for a person who is not there", async (t) => {
  const root = project(t, unclear());
  const { code, stdout, stderr } = await add(root, ["minilm"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /--task embedding: [^]*--task raw: /);
  assert.match((await add(root, ["minilm", "--task", "vad"])).stderr, /does not look like a model for "vad"/);
  assert.equal((await add(root, ["minilm", "--yes"])).code, 0);
});

test("in a terminal one chooses", async (t) => {
  const root = project(t, unclear());
  const terminal = fakeTerminal({ cwd: root, env: { INFERNO_HOME: join(root, "home"), NO_COLOR: "1" }, tty: true });
  Object.assign(terminal.stdin, { setRawMode: () => terminal.stdin });
  const done = runCli(["models", "add", "minilm"], terminal, "1.2.3");
  // Down to the second choice; typed ahead, as the question takes a moment to be asked.
  const typing = setInterval(() => {
    if (!terminal.printed.stderr.includes("What is this model for?")) return;
    clearInterval(typing);
    terminal.type("\u001B[B");
    terminal.type("\r");
  }, 5);
  t.after(() => clearInterval(typing));
  assert.equal(await done, 0);
  assert.equal(Manifest.parse(parse(readFileSync(join(root, "minilm", "inferno.model.yaml"), "utf8"))).task, "raw");
});

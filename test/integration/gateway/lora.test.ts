import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";
import { writeRandomLora } from "../../drivers/models/random-lora.ts";

const base = join(import.meta.dirname, "../../../runtime/models/ember/ember-q8_0.gguf");
let folder: string;
let daemon: TestDaemon;
const yaml = (adapters: readonly object[]) => ({
  models: { tuned: { source: base, context: 512, threads: 1, lora: adapters }, plain: { source: base, context: 512, threads: 1 } },
});

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "inferno-lora-"));
  for (const [index, name] of ["one", "two", "three"].entries()) writeRandomLora(join(folder, `${name}.gguf`), base, index + 1);
  const adapter = (name: string, scale: number) => ({ name, source: join(folder, `${name}.gguf`), scale });
  daemon = await startTestDaemon({ yaml: yaml([adapter("one", 0), adapter("two", 0)]) });
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const prompt = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n";
const complete = async (model: string, lora: readonly { name: string; scale: number }[] = []): Promise<string> => {
  const { choices } = await daemon.client.call("completions", { body: { model, prompt, temperature: 0, max_tokens: 12, lora: [...lora] } });
  return choices[0]!.text;
};
const one = [{ name: "one", scale: 1 }];
const two = [{ name: "two", scale: 1 }];

test("an adapter changes the answer, at scale 0 it does not", async () => {
  const plain = await complete("plain");
  assert.equal(await complete("tuned"), plain);
  assert.equal(await complete("tuned", [{ name: "one", scale: 0 }]), plain);
  const [first, second] = [await complete("tuned", one), await complete("tuned", two)];
  assert.equal(new Set([plain, first, second]).size, 3);
  assert.equal(await complete("tuned"), plain, "the next request has none");
});

test("requests with different adapters at once get what each gets alone", async () => {
  const wanted = [[], one, two, [{ name: "one", scale: 0.5 }], [...one, ...two]];
  const alone: string[] = [];
  for (const each of wanted) alone.push(await complete("tuned", each));
  const together = await Promise.all([...wanted, ...wanted].map(async (each) => await complete("tuned", each)));
  assert.deepEqual(together, [...alone, ...alone]);
});

test("an adapter that the model does not have is named", async () => {
  const { status, error } = await daemon.send("/v1/completions", { body: { model: "tuned", prompt, lora: [{ name: "four", scale: 1 }] } });
  assert.deepEqual({ status, code: error.code, param: error.param }, { status: 404, code: "adapter_not_found", param: "lora" });
});

test("adapters are added and removed while the model stays loaded", async () => {
  const [plain, first] = [await complete("tuned"), await complete("tuned", one)];
  const pid = async () => (await daemon.client.call("models", {})).models.find(({ name }) => name === "tuned")!.pid;
  const before = await pid();
  const attach = async (adapters: readonly object[]): Promise<void> => {
    const config = join(daemon.home, "inferno.yaml");
    await writeFile(config, JSON.stringify(yaml(adapters)));
    await daemon.client.call("attach", { body: { pid: process.pid, config } });
  };
  await attach(["three", "one"].map((name) => ({ name, source: join(folder, `${name}.gguf`), scale: 0 })));
  const third = await complete("tuned", [{ name: "three", scale: 1 }]);
  assert.equal(new Set([plain, first, third]).size, 3);
  assert.equal(await complete("tuned", one), first);
  assert.equal((await daemon.send("/v1/completions", { body: { model: "tuned", prompt, lora: two } })).error.code, "adapter_not_found");
  await attach([{ name: "three", source: join(folder, "three.gguf"), scale: 1 }]);
  assert.equal(await complete("tuned"), third, "its configured scale");
  assert.equal(await pid(), before);
});

test("a broken file among new adapters leaves the model as it was, in the same process", async () => {
  const status = async () => (await daemon.client.call("models", {})).models.find(({ name }) => name === "tuned")!;
  const config = join(daemon.home, "inferno.yaml");
  const attach = async (adapters: readonly object[]): Promise<void> => {
    await writeFile(config, JSON.stringify(yaml(adapters)));
    await daemon.client.call("attach", { body: { pid: process.pid, config } });
  };
  await attach([{ name: "one", source: join(folder, "one.gguf"), scale: 0 }]);
  const [{ pid }, first] = [await status(), await complete("tuned", one)];
  const half = join(folder, "half.gguf");
  await copyFile(join(folder, "two.gguf"), half);
  await truncate(half, Math.floor((await stat(half)).size / 2));
  await attach([{ name: "one", source: join(folder, "one.gguf"), scale: 0 }, { name: "half", source: half, scale: 0 }]);
  assert.equal((await daemon.send("/v1/completions", { body: { model: "tuned", prompt, lora: [{ name: "half", scale: 1 }] } })).error.code, "adapter_not_found");
  assert.equal(await complete("tuned", one), first);
  const { pid: after, state } = await status();
  assert.deepEqual([after, state], [pid, "ready"]);
});

test("two adapters of one name are refused by the configuration", async () => {
  const source = join(folder, "one.gguf");
  const config = join(daemon.home, "twice.yaml");
  await writeFile(config, JSON.stringify(yaml([{ name: "one", source }, { name: "one", source }])));
  await assert.rejects(daemon.client.call("attach", { body: { pid: process.pid, config } }), { code: "config_invalid", message: /lora\.1\.name.*another adapter of this model is called "one" already/ });
});

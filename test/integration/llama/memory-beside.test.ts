import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { writeTinyBert } from "../../drivers/models/tiny-bert.ts";
import { startTestDaemon, user } from "../../drivers/test-daemon.ts";
import { inferno } from "../cli/inferno.ts";

const emberPath = join(packageRoot(import.meta.dirname), "runtime/models/ember/ember-q8_0.gguf");
const folder = mkdtempSync(join(tmpdir(), "inferno-memory-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const bert = (name: string, options: Parameters<typeof writeTinyBert>[1]): string => {
  writeTinyBert(join(folder, name), options);
  return join(folder, name);
};
/** What every token says of every other is 275 GB in a batch of so many. */
const endless = bert("endless.gguf", { pooling: 1, context: 2 ** 18 });
const short = bert("short.gguf", { pooling: 1 });
const judge = bert("judge.gguf", { classifier: true, pooling: 4 });

suite("a model that embeds or reranks", () => {
  test("is checked before loading: one batch's buffers, no cells, and the largest context that fits then loads", async () => {
    const endlessly = { source: endless, task: "embedding" };
    await using daemon = await startTestDaemon({ yaml: { models: { endless: { ...endlessly, context: 2 ** 18 }, less: { ...endlessly, context: 2048 } } } });
    const answer = await daemon.send("/v1/embeddings", { body: { model: "endless", input: "the cat" } });
    assert.deepEqual([answer.status, answer.error.code, answer.error.param], [503, "model_does_not_fit", "context"]);
    assert.match(answer.error.message, /needs \d+ GB of memory: weights 33\.\d MB, compute buffers for a batch of 262144 tokens \d+ GB; .* are free now\. The largest context that fits is (\d+)\.$/);
    assert.equal((await daemon.send("/v1/embeddings", { body: { model: "less", input: "the cat" } })).status, 200);
  });

  for (const [task, source] of [["embedding", short], ["rerank", judge]] as const) {
    test(`${task}: what was predicted is what a load takes, and both are told`, async () => {
      await using daemon = await startTestDaemon({ yaml: { models: { m: { source, task } } } });
      await daemon.client.call("loadModel", { body: { model: "m" } });
      const memory = (await daemon.client.call("models")).models.find(({ name }) => name === "m")?.memory;
      assert.ok(memory?.predicted, "no figures");
      const { predicted, measured } = memory;
      assert.equal(predicted.kv, 0);
      // The log rounds to hundredths of a MiB.
      for (const part of ["weights", "compute"] as const) assert.ok(Math.abs(predicted[part] - measured[part]) < 3 * 5243, `${part}: ${JSON.stringify(memory)}`);
      assert.deepEqual(memory.models.map(({ name }) => name), [source.slice(folder.length + 1)]);
    });
  }

  test("`inferno fit` says so, and says what to do with a file of which it was not told", async () => {
    const asked = async (...args: string[]) => JSON.parse((await inferno(folder, ["fit", ...args, "--json"])).stdout) as Record<string, unknown>;
    const { kind, fits, context, batch } = await asked(short, "--task", "embedding");
    assert.deepEqual({ kind, fits, context, batch }, { kind: "embedding", fits: true, context: 64, batch: 512 });
    const refused = await inferno(folder, ["fit", endless, "--task", "embedding", "--context", "262144"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /Texts of up to 262144 tokens, 262144 tokens in one batch\.\nIt does not fit\.\nThis would fit:\n {2}--context \d+\n/);
    const untold = await inferno(folder, ["fit", short]);
    assert.equal(untold.code, 5);
    assert.match(untold.stderr, /it is an embedding model.*\n.*`task: embedding`/);
  });
});

suite("a draft model", () => {
  const drafted = (changes: object) => ({ source: emberPath, context: 512, parallel: 2, ...changes, speculation: { mode: "draft", draft: emberPath } });

  test("is counted with the model that it guesses for, each by name, before and after loading", async () => {
    await using daemon = await startTestDaemon({ yaml: { models: { alone: { source: emberPath, context: 512, parallel: 2 }, drafted: drafted({}) } } });
    for (const model of ["alone", "drafted"]) await daemon.client.call("loadModel", { body: { model } });
    const { models } = await daemon.client.call("models");
    const [alone, both] = ["alone", "drafted"].map((name) => models.find((model) => model.name === name)!.memory!);
    assert.ok(alone?.predicted && both?.predicted);
    assert.deepEqual(both.models.map(({ name }) => name), ["ember-q8_0.gguf", "ember-q8_0.gguf"]);
    for (const kind of ["predicted", "measured"] as const) {
      assert.equal(both.models.reduce((sum, model) => sum + model[kind]!.total, 0), both[kind]!.total);
      assert.equal(both[kind]!.kv, 2 * alone[kind]!.kv);
    }
    assert.equal(both.devices[0]!.predicted, both.predicted.total);
    assert.ok(Math.abs(both.predicted.total - both.measured.total) < 0.02 * both.measured.total, JSON.stringify(both));
  });

  test("is in the refusal, with the largest context that fits both", async () => {
    await using daemon = await startTestDaemon({ yaml: { models: { drafted: drafted({ kv_cells: 268_435_456 }) } } });
    const { status, error } = await daemon.send("/v1/chat/completions", { body: { model: "drafted", messages: [user("hello")] } });
    assert.deepEqual([status, error.code], [503, "model_does_not_fit"]);
    assert.match(error.message, /needs \d+ GB of memory \(ember-q8_0\.gguf \d+ GB, ember-q8_0\.gguf \d[\d.]* MB\): weights 5\.\d+ MB, KV cache .* The largest context that fits is \d+\./);
  });
});

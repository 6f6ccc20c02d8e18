import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import fc from "fast-check";
import { packageRoot } from "../../../base/package-root.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { ModelConfig } from "../../../protocol/config.ts";
import type { GenerationForecast } from "../../../runtime/backends/backend.ts";
import { askForecast } from "../../../runtime/host/ask-forecast.ts";
import { loadMessage } from "../../../runtime/host/load-message.ts";
import { hostSpawner } from "../../../runtime/host/process.ts";
import { startTestDaemon, user } from "../../drivers/test-daemon.ts";

const root = packageRoot(import.meta.dirname);
const emberPath = join(root, "runtime/models/ember/ember-q8_0.gguf");
const folder = mkdtempSync(join(tmpdir(), "inferno-memory-"));
after(() => rmSync(folder, { recursive: true, force: true }));
/** More cells than any machine that runs this test has memory for: 275 GB. */
const impossible = { source: emberPath, context: 2048, parallel: 4, kv_cells: 268_435_456 };

suite("the check before loading", () => {
  test("refuses with the figures and what would fit; a smaller context then loads, and says what it took", async () => {
    await using daemon = await startTestDaemon({ yaml: { models: { big: impossible, small: { source: emberPath, context: 256, parallel: 1 } } } });
    const answer = await daemon.send("/v1/chat/completions", { body: { model: "big", messages: [user("hello")] } });
    assert.equal(answer.status, 503);
    assert.deepEqual([answer.error.code, answer.error.param], ["model_does_not_fit", "context"]);
    assert.match(answer.error.message, /needs \d+ GB of memory: weights 2\.80 MB, KV cache 275 GB \(.*\), compute buffers .*; .* are free now\. The largest context that fits is 1792\. The largest kv_cells that fits is \d+\./);
    await daemon.client.call("loadModel", { body: { model: "small" } });
    const { models } = await daemon.client.call("models");
    const memory = models.find(({ name }) => name === "small")?.memory;
    assert.ok(memory?.predicted && Math.abs(memory.predicted.total - memory.measured.total) < 0.02 * memory.measured.total, JSON.stringify(memory));
    assert.ok(memory.measured.rss > memory.measured.total && memory.devices[0]!.free > memory.devices[0]!.predicted);
    const metrics = await daemon.send("/metrics", { method: "GET" });
    assert.match(metrics.text, /inferno_model_memory_bytes\{model="small",kind="measured",part="kv"\} 262144/);
  });

  test("of two models from one file counts the pages of both; they share them", { skip: !existsSync("/proc/self/smaps") }, async () => {
    await using daemon = await startTestDaemon({ yaml: { models: { a: { source: emberPath, parallel: 1 }, b: { source: emberPath, parallel: 1 } } } });
    for (const model of ["a", "b"]) await daemon.client.call("loadModel", { body: { model } });
    const { models } = await daemon.client.call("models");
    for (const { pid } of models.filter(({ state }) => state === "ready")) {
      const mapping = readFileSync(`/proc/${String(pid)}/smaps`, "latin1").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).filter((part) => part.includes("ember-q8_0.gguf"));
      const kilobytes = (field: string) => mapping.reduce((sum, part) => sum + Number(new RegExp(`^${field}: +(\\d+) kB`, "m").exec(part)?.[1] ?? 0), 0);
      assert.ok(kilobytes("Rss") > 2500, mapping.join("\n"));
      assert.equal(kilobytes("Shared_Clean"), kilobytes("Rss"));
    }
  });
});

suite("a forecast", () => {
  const ask = async (source: string, changes: object = {}): Promise<GenerationForecast> => {
    const load = loadMessage({ name: "m", kind: "file", engine: "llama", task: "chat", source, origin: "test", config: ModelConfig.parse({ source, ...changes }) }, folder);
    const forecast = await askForecast(hostSpawner(root, () => undefined), { type: "forecast", load }, AbortSignal.timeout(60_000));
    assert.ok(forecast.kind === "generation");
    return forecast;
  };

  test("names a context, a number of requests and a KV type, each of which fits", async () => {
    const { fits, largestContext, devices } = await ask(emberPath, impossible);
    assert.equal(fits, false);
    assert.equal(largestContext, 1792);
    assert.ok(devices[0]!.kv > 2e11);
    assert.equal((await ask(emberPath, { context: 256, parallel: 1 })).fits, true);
  });

  test("of a file whose header lies is an answer or a typed error: the asker lives, and the wait ends", async () => {
    const ember = readFileSync(emberPath);
    const block = ember.indexOf("qwen3.block_count") >= 0 ? "qwen3.block_count" : /[a-z0-9]+\.block_count/.exec(ember.toString("latin1", 0, 4096))![0];
    const architecture = block.slice(0, -".block_count".length);
    const keys = ["block_count", "embedding_length", "feed_forward_length", "attention.head_count", "attention.head_count_kv", "context_length", "attention.key_length"];
    const lies = [...[0, 1, 0x7fff_ffff, 0xffff_ffff, 1_000_000].flatMap((value) => keys.map((key) => ({ key: `${architecture}.${key}`, value })))];
    const chosen = fc.sample(fc.constantFrom(...lies), { numRuns: 12, seed: 7 });
    for (const { key, value } of [{ key: block, value: 0xffff_ffff }, ...chosen]) {
      const at = ember.indexOf(key);
      if (at < 0) continue;
      const copy = Buffer.from(ember);
      copy.writeUInt32LE(value, at + key.length + 4);
      const path = join(folder, "lie.gguf");
      writeFileSync(path, copy);
      const outcome = await ask(path).then(({ devices }) => devices[0]!.total, (error: unknown) => error);
      if (typeof outcome === "number") assert.ok(Number.isSafeInteger(outcome) && outcome > 0, `${key} = ${value}: ${outcome}`);
      else assert.ok(outcome instanceof InfernoError && ["model_file_invalid", "model_load_failed"].includes(outcome.code), `${key} = ${value}: ${String(outcome)}`);
    }
  });
});

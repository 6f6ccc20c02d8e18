import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { graph, model, node, value } from "../../../runtime/onnx-file/build.ts";
import { eventually } from "../../drivers/eventually.ts";
import { writeTinyText } from "../../drivers/models/tiny-text.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";
import { put, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";

/** Adds one, as often as it is told: 2⁶² times would take this planet's future. */
const counter = () => {
  const body = graph({
    name: "body",
    nodes: [node("Identity", ["on"], ["still"]), node("Add", ["sum", "sum"], ["twice"]), node("Sub", ["twice", "sum"], ["same"]), node("Max", ["same", "sum"], ["next"])],
    inputs: [value("i", "int64", []), value("on", "bool", []), value("sum", "float32", [1])],
    outputs: [value("still", "bool", []), value("next", "float32", [1])],
  });
  return model(graph({
    nodes: [node("Loop", ["times", "", "x"], ["y"], { body }, { name: "/loop" })],
    inputs: [value("times", "int64", []), value("x", "float32", [1])], outputs: [value("y", "float32", [1])],
  }));
};
const endless = String(2n ** 62n);

let daemon: TestDaemon;
const ends: (() => void)[] = [];
before(async () => {
  const home = temporaryFolder({ after: (end) => void ends.push(end as () => void) });
  const source = put(home, "counter.onnx", counter());
  // With each of a word's letters the number of ways to match it doubles, and none of them is the end.
  const slow = writeTinyText(join(home, "slow"), { table: { ada: [1, 2] }, output: "sum", manifest: { task: "embedding", model: "model.onnx", pooling: "none", max_tokens: 512 } });
  writeFileSync(join(slow, "tokenizer.json"), JSON.stringify({
    added_tokens: [], normalizer: null, decoder: null, post_processor: null,
    pre_tokenizer: { type: "Split", pattern: { Regex: "(([a-z])+.)+[A-Z]([a-z])+$" }, behavior: "Isolated", invert: false },
    model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", vocab: { "[UNK]": 0, ada: 1 } },
  }));
  daemon = await startTestDaemon({
    yaml: {
      models: {
        counter: { source, threads: 1, onnx: { run_limit_s: 1 } },
        patient: { source, threads: 1, onnx: { run_limit_s: 600 } },
        slow: { source: slow, threads: 1, onnx: { run_limit_s: 1 } },
      },
    },
  });
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  for (const end of ends.splice(0)) end();
});

async function count(name: string, times: string | number, signal?: AbortSignal): Promise<string> {
  const response = await fetch(`${daemon.daemon.url}/api/v1/infer`, {
    method: "POST", headers: { authorization: `Bearer ${daemon.daemon.token}`, "content-type": "application/json" }, ...(signal !== undefined && { signal }),
    body: JSON.stringify({ model: name, inputs: { times: { type: "int64", shape: [], data: [times] }, x: { shape: [1], data: [7] } } }),
  });
  const { error, outputs } = await response.json() as { error?: { code: string }; outputs?: { y: { data: number[] } } };
  return `${response.status} ${error?.code ?? outputs?.y.data.join() ?? ""}`;
}
const statusOf = async (name: string) => (await daemon.client.call("models")).models.find((each) => each.name === name)!;
const isGone = (pid: number | null): void => assert.throws(() => process.kill(pid!, 0), { code: "ESRCH" });

describe("a graph whose loop does not end", { timeout: 120_000 }, () => {
  test("its request is told so, its process is ended, and those who came with it are answered by the next", async () => {
    assert.equal(await count("counter", 1), "200 7");
    const { pid } = await statusOf("counter");
    const answers = await Promise.all([count("counter", endless), count("counter", 2), count("counter", 3), count("counter", 4)]);
    assert.deepEqual(answers, ["504 inference_stuck", "200 7", "200 7", "200 7"]);
    isGone(pid);
    assert.notEqual((await statusOf("counter")).pid, pid);
    assert.equal(await count("counter", 5), "200 7");
  });

  test("whoever cancels it is gone at once; the next request waits for no more than the limit", async () => {
    assert.equal(await count("patient", 1), "200 7");
    const leaving = new AbortController();
    const cancelled = count("counter", endless, leaving.signal);
    await eventually("the run to begin", async () => (await statusOf("counter")).running === 1);
    leaving.abort();
    await assert.rejects(cancelled, { name: "AbortError" });
    assert.equal(await count("counter", 2), "200 7");
    // Nobody else's model heard of it.
    assert.equal(await count("patient", 2), "200 7");
    await eventually("its place to be free", async () => (await statusOf("counter")).running === 0);
  });

  test("a process that is killed in the middle of a run: the next one answers all", async () => {
    assert.equal(await count("patient", 1), "200 7");
    const { pid } = await statusOf("patient");
    // A second or so, if nobody ends it; should it be over before, it was answered all the same.
    const answers = [count("patient", 2_000_000), count("patient", 2), count("patient", 3)];
    await eventually("the run to begin", async () => (await statusOf("patient")).running > 0);
    process.kill(pid!, "SIGKILL");
    assert.deepEqual(await Promise.all(answers), ["200 7", "200 7", "200 7"]);
    await eventually("the next process", async () => ![pid, null].includes((await statusOf("patient")).pid));
  });

  test("unloading ends a process that is in such a run, when its request is over", async () => {
    assert.equal(await count("counter", 1), "200 7");
    const { pid } = await statusOf("counter");
    const stuck = count("counter", endless);
    await eventually("the run to begin", async () => (await statusOf("counter")).running === 1);
    await daemon.client.call("unloadModel", { body: { model: "counter" } });
    assert.equal(await stuck, "504 inference_stuck");
    isGone(pid);
    assert.equal(await count("counter", 2), "200 7");
  });
});

test("a tokenizer whose pattern takes ages is ended with its process; short texts are answered by the next", { timeout: 120_000 }, async () => {
  const embed = async (input: string): Promise<string> => {
    const { status, text } = await daemon.send("/v1/embeddings", { body: { model: "slow", input } });
    return `${status} ${status === 200 ? "" : (JSON.parse(text) as { error: { code: string } }).error.code}`;
  };
  assert.equal(await embed("ada"), "200 ");
  const { pid } = await statusOf("slow");
  const [stuck, fine] = await Promise.all([embed("a".repeat(64)), embed("ada")]);
  assert.equal(stuck, "504 inference_stuck");
  assert.equal(fine, "200 ");
  isGone(pid);
});

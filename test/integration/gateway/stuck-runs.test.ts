import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InfernoError } from "../../../protocol/errors.ts";
import { eventually } from "../../drivers/eventually.ts";
import { startModelProcess, type ModelProcess } from "../../drivers/model-process.ts";

const start = (source: string, runLimitS = 1): ModelProcess =>
  startModelProcess("/nowhere", { source, task: "text-classification", parallel: 8, onnx: { run_limit_s: runLimitS, batch_wait_ms: 0 } });

/** The label of a text, or the error's code. */
async function ask(model: ModelProcess, text: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { output } = await model.work(text, "infer", { input: { task: "text-classification", texts: [text], top: 1 } }, signal);
    return output.task === "text-classification" ? output.labels[0]?.[0]?.label : undefined;
  } catch (error) {
    return InfernoError.from(error).code;
  }
}

const hangs = "fake:echo?items=1&hangOn=HANG&hangUs=600000000";

describe("a model process that is really blocked", () => {
  it("is killed after the limit; its request is told so, the others are answered by the next", async () => {
    await using it = start(hangs);
    assert.equal(await ask(it, "first"), "first");
    const { pid } = it.model.status();
    const answers = await Promise.all(["HANG", "one", "two", "three"].map((text) => ask(it, text)));
    assert.deepEqual(answers, ["inference_stuck", "one", "two", "three"]);
    assert.deepEqual(it.crashes, ["inference_stuck"]);
    assert.notEqual(it.model.status().pid, pid);
    assert.throws(() => process.kill(pid!, 0), { code: "ESRCH" });
  });

  it("lets whoever cancels go at once, though it hears of no cancel", async () => {
    await using it = start(hangs);
    assert.equal(await ask(it, "first"), "first");
    const leaving = new AbortController();
    const bad = ask(it, "HANG", leaving.signal);
    const other = ask(it, "fine");
    await eventually("both in work", async () => it.model.queue.running === 2);
    leaving.abort(new InfernoError("request_cancelled", "gone"));
    assert.equal(await Promise.race([bad, other]), "request_cancelled");
    assert.equal(await other, "fine");
    await eventually("its place to be free", async () => it.model.queue.running === 0);
  });
});

describe("a model process that dies in a run", () => {
  it("by a signal from outside: all are answered by the next", async () => {
    await using it = start("fake:echo?items=1&hangOn=HANG&hangUs=1000000", 60);
    assert.equal(await ask(it, "first"), "first");
    const { pid } = it.model.status();
    const asked = ["HANG", "one", "two"].map((text) => ask(it, text));
    await eventually("requests in work", async () => it.model.queue.running === 3);
    process.kill(pid!, "SIGKILL");
    assert.deepEqual(await Promise.all(asked), ["HANG", "one", "two"]);
    await eventually("the crash to be noticed", async () => it.crashes.length === 1);
  });

  it("by an input: that one fails after the second process, whoever shared its run is answered", async () => {
    await using it = start("fake:echo?items=4&crashOn=CRASH");
    assert.equal(await ask(it, "first"), "first");
    const asked = ["one", "CRASH", "two"].map((text) => ask(it, text));
    assert.deepEqual(await Promise.all(asked), ["one", "model_host_crashed", "two"]);
    assert.deepEqual(it.crashes, ["model_host_crashed", "model_host_crashed"]);
  });
});

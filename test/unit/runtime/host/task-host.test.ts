import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import { spanTable } from "../../../../protocol/trace.ts";
import type { Prepared, TaskModel } from "../../../../runtime/backends/task-model.ts";
import { TaskHarness } from "./task-harness.ts";

const words = (count: number): string => Array.from({ length: count }, () => "w").join(" ");

describe("requests to a model of single runs", () => {
  test("that are there at once share a run, and each gets its own results in its own order", async () => {
    const it = new TaskHarness();
    it.embed("a", words(9), "w");
    it.embed("b", "w", words(9));
    await it.host.idle();
    assert.deepEqual(it.runs, [[9, 9], [1, 1]]);
    assert.deepEqual([it.outcome("a"), it.outcome("b")], [[17, 1], [1, 17]]);
  });

  test("wait for the company of a moment ago, until the alarm, and a lone one for nobody after that", async () => {
    const it = new TaskHarness();
    for (const id of ["a", "b", "c"]) it.embed(id, "w");
    await it.host.idle();
    it.embed("d", "w");
    await it.turns();
    assert.deepEqual([it.runs.length, it.alarms.size], [1, 1]);
    it.ring();
    await it.host.idle();
    it.embed("e", "w");
    await it.host.idle();
    assert.deepEqual(it.runs, [[1, 1, 1], [1], [1]]);
    assert.equal(it.alarms.size, 0);
  });

  test("are not kept waiting by one with many more", async () => {
    const it = new TaskHarness("fake:echo?items=4&stepUs=1000");
    it.embed("many", ...Array.from({ length: 100 }, () => words(4)));
    await it.turns(2);
    it.embed("short", words(20));
    for (let turns = 0; it.answer("short") === undefined && turns < 100; turns += 1) await it.turns(1);
    assert.ok(it.runs.length < 8, `${it.runs.length} runs`);
    await it.host.idle();
    assert.equal(it.outcome("many")?.length, 100);
  });

  test("one whose input is bad fails alone, before any run", async () => {
    const it = new TaskHarness();
    it.embed("bad", "w", "");
    it.embed("good", "w");
    await it.host.idle();
    assert.deepEqual([it.outcome("bad"), it.outcome("good"), it.runs], ["invalid_request", [1], [[1]]]);
  });

  test("one whose run fails fails alone: the others' items are run again, one by one", async () => {
    const it = new TaskHarness("fake:echo?failOn=poison");
    it.embed("a", "x", "y");
    it.embed("b", "poison");
    it.embed("c", "z");
    await it.host.idle();
    assert.deepEqual([it.outcome("a"), it.outcome("b"), it.outcome("c")], [[1, 1], "inference_failed", [1]]);
    assert.deepEqual(it.runs, [[1, 1, 1, 1], [1], [1], [1], [1]]);
    it.embed("d", "fine");
    await it.turns();
    it.ring();
    await it.host.idle();
    assert.deepEqual(it.outcome("d"), [4]);
  });

  test("without any item are answered without a run", async () => {
    const it = new TaskHarness();
    it.embed("a");
    await it.host.idle();
    assert.deepEqual([it.outcome("a"), it.runs], [[], []]);
  });
});

test("the spans follow each other without a gap, and operations lie inside their run", async () => {
  const withProfile = (model: TaskModel): TaskModel => ({
    ...model,
    run: async (items) => {
      const report = await model.run(items);
      const { startUs, endUs } = report.compute;
      return { ...report, operations: [{ name: "/m/MatMul", operator: "MatMul", provider: "cpu", startUs: startUs + 1, endUs: endUs - 1 }] };
    },
  });
  const it = new TaskHarness("fake:echo?stepUs=1000&tokenUs=10", withProfile);
  it.embed("a", words(3), words(30));
  await it.host.idle();
  const { spans, endUs } = it.answer("a")!;
  const leaves = spans.filter(({ name }) => spanTable[name].kind === "leaf");
  assert.deepEqual(leaves.map(({ name }) => name), ["dispatch", "preprocess", "run", "run", "postprocess"]);
  for (const [index, { endUs: end }] of leaves.entries()) assert.equal(end, leaves[index + 1]?.startUs ?? endUs);
  assert.deepEqual(leaves.filter(({ name }) => name === "run").map(({ attributes }) => attributes), Array.from({ length: 2 }, () => ({ batch: 1, items: 1, padding: 0, operations: 1, operationsLeftOut: 0 })));
  const [first, second] = spans.filter(({ name }) => name === "operation");
  assert.ok(first!.startUs > leaves[2]!.startUs && second!.endUs < leaves[3]!.endUs);
  assert.deepEqual(first!.attributes, { name: "/m/MatMul", operator: "MatMul", provider: "cpu", shapes: "" });
});

test("the figures of the runs go with the next answer", async () => {
  const it = new TaskHarness();
  it.embed("a", words(99), words(100));
  await it.host.idle();
  assert.deepEqual(it.answer("a")!.runs, [{ requests: 1, items: 2, padding: 0.005, runUs: 3000 }]);
});

describe("a cancelled request", () => {
  /** A model whose preparations and runs end when the test says so. */
  function held() {
    const prepared = new Map<string, (value: Prepared) => void>();
    const ran: ((results: readonly unknown[]) => void)[] = [];
    const signals: (AbortSignal | undefined)[] = [];
    const it = new TaskHarness("fake:echo", (model) => ({
      ...model,
      prepare: (call) => new Promise((resolve) => prepared.set(call.kind === "embed" ? String(call.inputs[0]) : "", resolve)),
      run: (_, signal) => new Promise((resolve) => {
        signals.push(signal);
        ran.push((results) => resolve({ compute: { startUs: it.clock.nowUs(), endUs: it.clock.nowUs() }, results }));
      }),
    }));
    const ready = (name: string): void => prepared.get(name)!({ items: [{ length: 1 }], finish: async ([result]) => ({ vectors: [Float32Array.of(Number(result))], tokens: 1 }) });
    return { it, prepared, ready, ran, signals };
  }

  test("is answered at once while it waits to be prepared, is prepared, waits, and runs", async () => {
    const { it, prepared, ready, ran } = held();
    for (const id of ["a", "b", "c", "d", "e"]) it.embed(id, id);
    await it.turns();
    assert.deepEqual([...prepared.keys()], ["a", "b", "c", "d"], "four at a time");
    it.host.cancel("e");
    it.host.cancel("d");
    assert.deepEqual([it.outcome("d"), it.outcome("e")], ["request_cancelled", "request_cancelled"]);
    ready("d");
    await it.turns();
    assert.deepEqual([prepared.size, ran.length], [4, 0], "neither is anything done for them any more");
    ready("a");
    await it.turns();
    ready("b");
    it.host.cancel("b");
    ran[0]!([5]);
    await it.turns();
    assert.deepEqual([it.outcome("a"), it.outcome("b"), ran.length], [[5], "request_cancelled", 1]);
    it.host.cancelAll();
    assert.deepEqual([it.outcome("c"), it.host.running], ["request_cancelled", 0]);
  });

  test("tells the run when nobody wants its results any more", async () => {
    const { it, ready, ran, signals } = held();
    it.embed("a", "a");
    it.embed("b", "b");
    ready("a");
    ready("b");
    await it.turns();
    it.host.cancel("a");
    assert.equal(signals[0]?.aborted, false);
    it.host.cancel("b");
    assert.deepEqual(signals.map((signal) => signal?.aborted), [true]);
    assert.deepEqual([it.outcome("a"), it.outcome("b"), it.host.running], ["request_cancelled", "request_cancelled", 0]);
    ran[0]!([1, 2]);
    it.embed("c", "c");
    ready("c");
    await it.turns();
    it.ring();
    await it.turns();
    ran[1]!([7]);
    await it.host.idle();
    assert.deepEqual(it.outcome("c"), [7]);
    assert.equal(it.said.filter(({ type }) => type === "answer").length, 3, "each is answered once");
  });
});

describe("what a process says that it works on", () => {
  const busy = (it: TaskHarness) => it.said.filter((message) => message.type === "busy").map(({ running, preparing }) => [running, preparing]);

  test("is each run before it begins, and slow preparations", async () => {
    let done = () => {};
    const it = new TaskHarness("fake:echo", (model) => ({
      ...model,
      prepare: async (call) => {
        if (call.kind === "embed" && call.inputs[0] === "slow") await new Promise<void>((resolve) => (done = resolve));
        return await model.prepare(call);
      },
    }));
    it.embed("a", "w");
    it.embed("b", "slow");
    await it.turns();
    assert.deepEqual(busy(it), [[[], ["b"]], [["a"], ["b"]]]);
    done();
    await it.turns();
    it.ring();
    await it.host.idle();
    assert.deepEqual(busy(it).at(-1), [["b"], []]);
  });

  test("names a suspect before it is touched; suspects come one after the other and share no run", async () => {
    const it = new TaskHarness();
    it.host.call("a", { kind: "embed", inputs: ["w", "w"] }, 0, true);
    it.host.call("b", { kind: "embed", inputs: ["w"] }, 0, true);
    it.host.call("c", { kind: "embed", inputs: ["w"] }, 0, false);
    assert.deepEqual(busy(it), [[[], ["a"]]]);
    while (it.host.running > 0 && it.runs.length < 9) {
      await it.turns(3);
      it.ring();
    }
    assert.deepEqual(it.runs, [[1], [1], [1], [1]]);
    const order = it.said.flatMap((message) => (message.type === "answer" ? [message.id] : []));
    assert.ok(order.indexOf("a") < order.indexOf("b"));
    const together = busy(it).filter(([running, preparing]) => [...running!, ...preparing!].includes("a") && [...running!, ...preparing!].includes("b"));
    assert.deepEqual(together, []);
  });
});

test("an engine that answers too little is an error, not a wrong answer", async () => {
  const it = new TaskHarness("fake:echo", (model) => ({ ...model, run: async (items) => ({ ...(await model.run(items)), results: [] }) }));
  it.embed("a", "w");
  await it.host.idle();
  const outcome = it.answer("a")?.outcome;
  assert.ok(outcome?.ok === false && outcome.error.error.code === "internal");
});

test("an error of the answer's making is the request's own", async () => {
  const broken: Prepared["finish"] = () => Promise.reject(new InfernoError("inference_failed", "no label has this number"));
  const it = new TaskHarness("fake:echo", (model) => ({ ...model, prepare: async (call) => ({ ...(await model.prepare(call)), finish: broken }) }));
  it.embed("a", "w");
  await it.host.idle();
  assert.equal(it.outcome("a"), "inference_failed");
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { VirtualClock } from "../../../../base/clock.ts";
import { FakeBackend } from "../../../../runtime/backends/fake/fake-backend.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import type { GenerateRequest, GenerationEvent } from "../../../../runtime/host/messages.ts";
import { ModelHost } from "../../../../runtime/host/model-host.ts";
import { noSpeculation } from "../../../../runtime/host/speculation.ts";
import { SpillFolder } from "../../../../runtime/host/spill-folder.ts";
import { admission } from "../../../../runtime/scheduler/admission.ts";
import { batching } from "../../../../runtime/scheduler/batching.ts";
import { oneAtATime } from "../../../../runtime/scheduler/one-at-a-time.ts";
import { victim } from "../../../../runtime/scheduler/victim.ts";
import { greedy, plainLoad, plainRequest, textOf } from "./harness.ts";

const root = mkdtempSync(join(tmpdir(), "inferno-admitter-"));
after(() => rmSync(root, { recursive: true, force: true }));

interface Shape {
  readonly cells: number;
  readonly sequences?: number;
  readonly parallel?: number;
  readonly spill?: SpillFolder;
  readonly deterministic?: boolean;
}

async function start({ cells, sequences = 8, parallel = 4, spill, deterministic = false }: Shape) {
  const clock = new VirtualClock(1_000);
  const events = new Map<string, GenerationEvent[]>();
  const backend = await loadFakeOn(virtualTime(clock), {
    ...plainLoad, path: `fake:mix?words=5000&layout=${deterministic ? "per_sequence" : "unified"}&sequences=${sequences}`, context: 64, parallel, batch: 16, kvCells: cells, deterministic,
  });
  assert.ok(backend instanceof FakeBackend);
  const host = new ModelHost({
    backend, clock, speculation: noSpeculation, adapters: [], cachePrefixes: true, spill, now: () => new Date(0),
    policies: { batch: deterministic ? oneAtATime : batching, admission, victim },
    send: (message) => {
      if (message.type !== "events") return;
      for (const [id, event] of message.events) events.set(id, [...(events.get(id) ?? []), event]);
    },
  });
  const ask = (id: string, text: string, more: Partial<GenerateRequest> = {}): void =>
    host.generate({ ...plainRequest, id, maxTokens: 20, prompt: { kind: "text", text }, ...more }, 0);
  return { backend, host, events, ask };
}

const words = (name: string, count: number): string => Array.from({ length: count }, (_, index) => `${name}${index}`).join(" ");

describe("admission by cells", () => {
  test("counts what the prompts in work will still take: nobody is let in only to be swapped out", async () => {
    const { host, events, ask } = await start({ cells: 90 });
    for (const id of ["a", "b", "c"]) ask(id, words(id, 40));
    await host.idle();
    for (const id of ["a", "b", "c"]) {
      assert.equal(events.get(id)?.at(-1)?.type, "end");
      assert.deepEqual(events.get(id)?.flatMap(({ spans }) => spans.filter(({ name }) => name === "swap")), [], id);
    }
  });
});

describe("what is said of the reuse", () => {
  test("a prompt that had to make room once and is cached again was reused whole, and is then compared as any other", async () => {
    const { host, events, ask } = await start({ cells: 60 });
    const reasonOf = async (id: string, text: string): Promise<string | undefined> => {
      ask(id, text, { maxTokens: 1 });
      await host.idle();
      return events.get(id)?.flatMap((event) => (event.type === "start" ? [event.reuse.reason] : []))[0];
    };
    assert.equal(await reasonOf("first", words("a", 40)), "empty");
    assert.equal(await reasonOf("other", words("b", 40)), "empty");
    assert.equal(await reasonOf("again", words("a", 40)), "evicted");
    assert.equal(await reasonOf("once more", words("a", 40)), "whole");
    assert.equal(await reasonOf("longer", `${words("a", 30)} and then more`), "differs");
  });
});

describe("a deterministic model", () => {
  test("shares whole steps of prompts, and nothing of answers", async () => {
    const { host, events, ask } = await start({ cells: 8 * 64, deterministic: true });
    const reuseOf = async (id: string, text: string) => {
      ask(id, text);
      await host.idle();
      return events.get(id)?.flatMap((event) => (event.type === "start" ? [[event.reuse.tokens, event.reuse.reason]] : []))[0];
    };
    assert.deepEqual(await reuseOf("first", words("a", 40)), [0, "empty"]);
    const answer = events.get("first")?.map((event) => (event.type === "text" ? event.text : "")).join("");
    assert.deepEqual(await reuseOf("again", words("a", 40)), [32, "ends"]);
    assert.deepEqual(await reuseOf("the answer, too", `${words("a", 40)}${answer ?? ""}`), [32, "ends"]);
    assert.deepEqual(await reuseOf("another end", `${words("a", 30)} and more`), [16, "cut"]);
    assert.deepEqual(await reuseOf("short", words("a", 12)), [0, "cut"]);
  });
});

describe("an answer that outgrows its context", () => {
  test("forgets its oldest tokens, and cached prefixes give it the cells for that", async () => {
    const { host, events, ask } = await start({ cells: 130 });
    for (const id of ["a", "b"]) ask(id, words(id, 40), { maxTokens: 1 });
    await host.idle();
    // It begins with what is cached, and so shares cells that must not move; the cache is full by the time it shifts.
    ask("long", `${words("a", 30)} more`, { maxTokens: 60, overflow: "shift", params: { ...greedy, ignoreEnd: true } });
    await host.idle();
    const finish = events.get("long")?.find(({ type }) => type === "finish");
    assert.equal(finish?.type === "finish" && finish.tokens, 60);
  });
});

describe("a slow reader", () => {
  test("gives its cells to those who are read, and has them back when it reads on", async () => {
    const { host, events, ask } = await start({ cells: 80 });
    ask("slow", words("s", 30));
    for (let i = 0; i < 6; i += 1) await turn();
    host.pause("slow");
    ask("quick", words("q", 20), { maxTokens: 40 });
    for (let i = 0; i < 200; i += 1) await turn();
    assert.equal(events.get("quick")?.at(-1)?.type, "end");
    assert.notEqual(events.get("slow")?.at(-1)?.type, "end");
    host.resume("slow");
    await host.idle();
    assert.equal(events.get("slow")?.at(-1)?.type, "end");
  });
});

describe("prefixes on disk", () => {
  const spillTo = (name: string): SpillFolder => new SpillFolder({ folder: join(root, name), limitBytes: 1e6, binding: "model", now: () => new Date(0) });

  test("one that is read back may push out what another waiting request was going to begin with", async () => {
    const texts = { first: words("x", 40), second: words("y", 40) };
    // Room for one cached prefix: the first one's goes to disk when the second one runs.
    const { host, events, ask } = await start({ cells: 90, sequences: 1, parallel: 1, spill: spillTo("two") });
    for (const [id, text] of Object.entries(texts)) {
      ask(id, text);
      await host.idle();
    }
    ask("secondAgain", texts.second);
    ask("firstAgain", texts.first);
    await host.idle();
    for (const id of ["first", "second"]) assert.equal(textOf(events.get(`${id}Again`) ?? []), textOf(events.get(id) ?? []), id);
  });

  test("one that the engine cannot read costs its tokens, not the host", async () => {
    const { backend, host, events, ask } = await start({ cells: 90, sequences: 1, parallel: 1, spill: spillTo("broken") });
    ask("first", words("x", 40));
    await host.idle();
    host.pool.dropAll();
    backend.memory.restore = () => { throw new Error("not enough cells"); };
    ask("again", words("x", 40));
    await host.idle();
    assert.equal(textOf(events.get("again") ?? []), textOf(events.get("first") ?? []));
    assert.equal(events.get("again")?.at(-1)?.type, "end");
  });
});

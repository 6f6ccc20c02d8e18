import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { spanTable, type SpanName } from "../../../../protocol/trace.ts";
import type { FakeTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { startMemoryGateway, type MemoryGateway, type Within } from "../../../drivers/memory-gateway.ts";
import { user } from "../../../drivers/test-daemon.ts";

/** A collaborator of one stage takes this long, once, on a virtual clock on which all else takes as long as the fake engine says. */
const delayUs = 20_000;

type Stage = Exclude<SpanName, "request" | "prompt" | "generate" | "read image" | "load" | "swap" | "embed" | "preprocess" | "run" | "operation" | "postprocess">;

/** Time by span name; groups and names without time left out. */
type Totals = Readonly<Record<string, number>>;

async function totalsOfLatest({ client, gateway }: MemoryGateway): Promise<Totals> {
  await gateway.traces.flush();
  const [latest] = (await client.call("traces", { query: {} })).traces;
  const { spans } = await client.call("trace", { params: { id: latest?.id ?? "" } });
  const totals: Record<string, number> = {};
  for (const { name, durationUs } of spans) {
    if (spanTable[name as SpanName].kind !== "group" && durationUs > 0) totals[name] = (totals[name] ?? 0) + durationUs;
  }
  return totals;
}

/** What is longer in `slow`, and by how much. */
const difference = (slow: Totals, usual: Totals): Totals =>
  Object.fromEntries(Object.entries(slow).map(([name, us]) => [name, us - (usual[name] ?? 0)] as const).filter(([, us]) => us !== 0));

/** One streamed answer of six tokens from a model that is loaded, in whose course `stage` is delayed. */
async function answered(stage: Stage | null): Promise<Totals> {
  let due: Stage | null = null;
  const at = (here: Stage, how: (delay: () => void) => void = (delay) => delay()): void => {
    if (due !== here) return;
    due = null;
    how(() => it.clock.advance(delayUs));
  };
  const within: Within = {
    // The engine's times tell what they are for: 100 a step and 10 a token, 3 to choose.
    time: (time): FakeTime => ({
      nowUs: () => time.nowUs(),
      spend: (us) => {
        time.spend(us);
        at(us === 3 ? "sample" : us === 110 ? "decode" : "prefill");
      },
    }),
    engine: (engine) => {
      const tokenize = engine.tokenize.bind(engine);
      const tokenBytes = engine.tokenBytes.bind(engine);
      const { chatTemplate } = engine.model;
      engine.tokenize = (...args) => {
        at("tokenize");
        return tokenize(...args);
      };
      engine.tokenBytes = (token, special) => {
        if (special === false) at("detokenize");
        return tokenBytes(token, special);
      };
      // Read when the template is compiled, with the first messages.
      Object.defineProperty(engine.model, "chatTemplate", {
        get: () => {
          at("template");
          return chatTemplate;
        },
      });
    },
    toHost: ({ type }) => type === "generate" && at("dispatch"),
    fromHost: (message) => {
      if (message.type !== "events") return;
      const types = new Set(message.events.map(([, event]) => event.type));
      if (types.has("end")) at("return");
      else if (types.has("text")) {
        at("send");
        // Before the loop's next turn, which is not asked for yet.
        at("wait", (delay) => setImmediate(delay));
      }
    },
  };
  await using it = await startMemoryGateway({ models: { m: { source: "fake:count?stepUs=100&tokenUs=10&sampleUs=3", parallel: 1 } }, within });
  const { router, http } = it.gateway;
  const { queue } = router.find("m");
  await it.client.call("completions", { body: { model: "m", prompt: "warm", max_tokens: 1 } });
  const find = router.find.bind(router);
  router.find = (name) => {
    at("receive");
    return find(name);
  };
  http.server.on("request", (_, response: ServerResponse) => {
    response.on("prefinish", () => at("respond"));
    const write = response.write.bind(response);
    // Every event is written with one argument; the first has no text and no span.
    response.write = (chunk: unknown) => {
      if (String(chunk).includes(" 3")) at("stream write");
      return write(chunk);
    };
  });
  const holding = await queue.enter({ id: "holds the only place", priority: 0 }, new AbortController().signal);
  due = stage;
  const stream = it.client.stream("chatCompletions", { body: { model: "m", messages: [user("go on")], stream: true, max_tokens: 6 } });
  const first = stream.next();
  while (queue.queued === 0) await new Promise((resolve) => setImmediate(resolve));
  at("queue");
  holding();
  await first;
  for await (const event of stream) void event;
  assert.equal(due, null, `nothing of the request passed through ${String(stage)}`);
  return await totalsOfLatest(it);
}

describe("20 ms in one stage", () => {
  const stages: readonly Stage[] = [
    "receive", "queue", "dispatch", "template", "tokenize", "prefill", "wait", "decode", "sample", "detokenize", "send", "return", "respond",
  ];
  for (const stage of stages) {
    it(`of ${stage} are in its spans and in no other`, async () => {
      assert.deepEqual(difference(await answered(stage), await answered(null)), { [stage]: delayUs });
    });
  }

  it("of writing to the client are in that span, beside what the model does meanwhile", async () => {
    const found = difference(await answered("stream write"), await answered(null));
    // Two processes here share one thread: the model could do nothing but wait.
    assert.deepEqual(found, { "stream write": delayUs, wait: delayUs });
  });

  it("of loading are in its span", async () => {
    const loaded = async (loadUs: number): Promise<Totals> => {
      await using it = await startMemoryGateway({ models: { m: { source: `fake:echo?loadUs=${loadUs}&stepUs=100` } } });
      await it.client.call("completions", { body: { model: "m", prompt: "one two" } });
      return await totalsOfLatest(it);
    };
    assert.deepEqual(difference(await loaded(delayUs), await loaded(0)), { load: delayUs });
  });

  it("of computing vectors are in its span", async () => {
    const embedded = async (late: boolean): Promise<Totals> => {
      const within: Within = { time: (time) => ({ nowUs: () => time.nowUs(), spend: (us) => time.spend(us > 0 && late ? us + delayUs : us) }) };
      await using it = await startMemoryGateway({ models: { m: { source: "fake:echo?stepUs=100", task: "embedding" } }, within });
      await it.client.call("embeddings", { body: { model: "m", input: "one two" } });
      return await totalsOfLatest(it);
    };
    assert.deepEqual(difference(await embedded(true), await embedded(false)), { embed: delayUs });
  });

  it("of saving the KV cache of one that makes room for another are in its span", async () => {
    const swapped = async (late: boolean): Promise<Totals> => {
      let swaps = 0;
      const within: Within = {
        engine: ({ memory }) => {
          const save = memory.save.bind(memory);
          memory.save = (sequence) => {
            swaps += 1;
            if (late && swaps === 1) it.clock.advance(delayUs);
            return save(sequence);
          };
        },
      };
      await using it = await startMemoryGateway({ models: { m: { source: "fake:count?stepUs=100&cells=64", parallel: 2, context: 64, prefix_cache: { enabled: false } } }, within });
      const ask = async (): Promise<string> => (await it.client.call("completions", { body: { model: "m", prompt: "one", max_tokens: 50 } })).timings?.trace_id ?? "";
      const ids = await Promise.all([ask(), ask()]);
      await it.gateway.traces.flush();
      const traces = await Promise.all(ids.map(async (id) => await it.client.call("trace", { params: { id } })));
      const found = traces.flatMap(({ spans }) => spans.filter(({ name }) => name === "swap"));
      assert.ok(found.length > 0, "nothing was swapped");
      return { swap: found.reduce((sum, { durationUs }) => sum + durationUs, 0) };
    };
    assert.deepEqual(difference(await swapped(true), await swapped(false)), { swap: delayUs });
  });
});

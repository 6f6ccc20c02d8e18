import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { leafSumTolerance, spanTable, type Span, type SpanName, type Trace } from "../../../../protocol/trace.ts";
import { eventually } from "../../../drivers/eventually.ts";
import { startMemoryGateway, type MemoryGateway } from "../../../drivers/memory-gateway.ts";
import { user } from "../../../drivers/test-daemon.ts";

interface Ask {
  readonly words: number;
  readonly maxTokens: number;
  readonly choices: number;
  readonly stream: boolean;
  /** Events after which the client leaves. */
  readonly leavesAfter: number | undefined;
}

const ask = fc.record<Ask>({
  words: fc.integer({ min: 8, max: 22 }), maxTokens: fc.integer({ min: 1, max: 60 }), choices: fc.integer({ min: 1, max: 2 }), stream: fc.boolean(),
  leavesAfter: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 3 }),
});

interface Model {
  /** What is echoed can be guessed; counting goes on to the limit. */
  readonly script: "echo" | "count";
  readonly parallel: number;
  readonly cells: number;
  readonly guesses: "off" | "ngram";
  readonly failAtStep: number;
}

const model = fc.record<Model>({
  script: fc.constantFrom("echo", "count"),
  parallel: fc.integer({ min: 2, max: 4 }), cells: fc.integer({ min: 64, max: 70 }), guesses: fc.constantFrom("off", "ngram"), failAtStep: fc.constantFrom(0, 0, 0, 9),
});

/** Where one that was let in surely outgrows the cells that are left: by chance that is rare. */
const long = (words: number): Ask => ({ words, maxTokens: 60, choices: 1, stream: false, leavesAfter: undefined });
const crowded = [1, 2, 3].map((words): [Ask[], Model] => (
  [[long(words), long(words)], { script: "count", parallel: 2, cells: 64, guesses: "off", failAtStep: 0 }]));

/** The same words again and again, so that there is something to guess. */
const said = (words: number): string => Array.from({ length: words }, (_, index) => ["red", "green", "blue"][index % 3]).join(" ");

async function send({ client }: MemoryGateway, { words, maxTokens, choices, stream, leavesAfter }: Ask): Promise<void> {
  const body = { model: "m", messages: [user(said(words))], max_tokens: maxTokens, n: choices };
  try {
    if (!stream) return void (await client.call("chatCompletions", { body }));
    let events = 0;
    for await (const event of client.stream("chatCompletions", { body: { ...body, stream: true } })) {
      void event;
      events += 1;
      if (events === leavesAfter) return;
    }
  } catch {
    // A step that was told to fail: its trace counts too.
  }
}

/** Children of one parent lie in it, and leaves of the critical path one behind the other. */
function assertTree({ spans, durationUs }: Trace): void {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const kind = ({ name }: Span) => spanTable[name as SpanName].kind;
  for (const span of spans) {
    assert.ok(span.durationUs >= 0 && span.startUs >= 0, `${span.name} is negative`);
    const parent = span.parentId === null ? undefined : byId.get(span.parentId);
    if (parent === undefined || kind(span) === "beside") continue;
    assert.ok(span.startUs >= parent.startUs && span.startUs + span.durationUs <= parent.startUs + parent.durationUs, `${span.name} leaves ${parent.name}`);
  }
  const leaves = spans.filter((span) => kind(span) === "leaf").toSorted((a, b) => a.startUs - b.startUs);
  for (const [index, leaf] of leaves.entries()) {
    const next = leaves[index + 1];
    if (next !== undefined) assert.ok(leaf.startUs + leaf.durationUs <= next.startUs, `${leaf.name} overlaps ${next.name}`);
  }
  const sum = leaves.reduce((total, leaf) => total + leaf.durationUs, 0);
  assert.ok(Math.abs(sum - durationUs) <= leafSumTolerance * durationUs, `the leaves are ${sum} µs, the request ${durationUs} µs`);
}

test("whatever mix of requests runs, is shared, guessed, swapped, cancelled or fails: each trace's leaves add up to its wall time, and none overlaps", async () => {
  const seen = { swap: 0, guessed: 0, cancelled: 0, error: 0, ok: 0 };
  await fc.assert(fc.asyncProperty(fc.array(ask, { minLength: 2, maxLength: 7 }), model, async (asks, { script, parallel, cells, guesses, failAtStep }) => {
    await using it = await startMemoryGateway({
      models: {
        m: {
          source: `fake:${script}?stepUs=100&tokenUs=10&sampleUs=3&cells=${cells}&failAtStep=${failAtStep}`, parallel, context: 64,
          speculation: { mode: guesses, max_tokens: 4, candidates: 1 },
        },
      },
    });
    await Promise.all(asks.map(async (each) => await send(it, each)));
    await eventually("every trace to end", async () => (await it.client.call("traces", { query: {} })).traces.every(({ status }) => status !== "running"));
    await it.gateway.traces.flush();
    const { traces } = await it.client.call("traces", { query: {} });
    assert.equal(traces.length, asks.length);
    for (const { id } of traces) {
      const trace = await it.client.call("trace", { params: { id } });
      assertTree(trace);
      assert.ok(trace.status !== "running");
      seen[trace.status] += 1;
      if (trace.spans.some(({ name }) => name === "swap")) seen.swap += 1;
      if ((trace.speculation?.accepted ?? 0) > 0) seen.guessed += 1;
    }
  }), { numRuns: 40, examples: crowded });
  for (const [what, times] of Object.entries(seen)) assert.ok(times >= 3, `${what}: ${times} times only`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { VirtualClock } from "../../../../base/clock.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import type { GenerationEvent } from "../../../../runtime/host/messages.ts";
import { ModelHost } from "../../../../runtime/host/model-host.ts";
import { createSpeculation } from "../../../../runtime/host/speculation.ts";
import { admission } from "../../../../runtime/scheduler/admission.ts";
import { batching } from "../../../../runtime/scheduler/batching.ts";
import { victim } from "../../../../runtime/scheduler/victim.ts";
import { greedy, plainLoad, plainRequest } from "./harness.ts";

interface Ask {
  readonly family: number;
  readonly tail: string;
  readonly choices: number;
  readonly priority: number;
  readonly maxTokens: number;
  readonly temperature: number;
  /** Turns of the event loop before it is sent, and after which it is cancelled or paused for some turns. */
  readonly delay: number;
  readonly cancelAfter: number | null;
  readonly pauseAfter: number | null;
}

const families = ["one two three four five six seven eight nine ten", "one two three lemon", "apple pear plum"];
const ask = fc.record<Ask>({
  family: fc.integer({ min: 0, max: families.length - 1 }),
  tail: fc.stringMatching(/^( [a-c]){0,12}$/),
  choices: fc.integer({ min: 1, max: 3 }),
  priority: fc.integer({ min: -1, max: 1 }),
  maxTokens: fc.integer({ min: 1, max: 35 }),
  temperature: fc.constantFrom(0, 1),
  delay: fc.integer({ min: 0, max: 20 }),
  cancelAfter: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 4 }),
  pauseAfter: fc.option(fc.integer({ min: 0, max: 6 }), { freq: 4 }),
});

interface Shape {
  readonly parallel: number;
  readonly cells: number;
  readonly batch: number;
  readonly layout: "unified" | "per_sequence";
  readonly ngram: boolean;
}

const shape = fc.record<Shape>({
  parallel: fc.integer({ min: 1, max: 6 }),
  cells: fc.integer({ min: 48, max: 110 }),
  batch: fc.integer({ min: 24, max: 64 }),
  layout: fc.constantFrom("unified", "per_sequence"),
  ngram: fc.boolean(),
});

async function start({ parallel, cells, batch, layout, ngram }: Shape) {
  const clock = new VirtualClock(1_000);
  const events = new Map<string, GenerationEvent[]>();
  const options = {
    ...plainLoad, path: `fake:mix?words=24&stepUs=1000&tokenUs=10&layout=${layout}`, context: 48, parallel, batch, draftTokens: ngram ? 4 : 0,
    ...(layout === "unified" && { kvCells: cells }),
  };
  const backend = await loadFakeOn(virtualTime(clock), options);
  // The fake vocabulary numbers words as they come; the answer depends on the numbers.
  backend.tokenize(`${families.join(" ")} a b c ${Array.from({ length: 24 }, (_, word) => `w${word}`).join(" ")}`, { addSpecial: false, parseSpecial: false });
  const speculation = await createSpeculation({ mode: ngram ? "ngram" : "off", draft: null, maxTokens: 4, candidates: 2 }, backend, options, () => Promise.reject(new Error("no draft model")));
  const host = new ModelHost({
    backend, clock, speculation, adapters: [], cachePrefixes: true, now: () => new Date(0), policies: { batch: batching, admission, victim },
    send: (message) => {
      if (message.type !== "events") return;
      for (const [id, event] of message.events) events.set(id, [...(events.get(id) ?? []), event]);
    },
  });
  return { backend, host, events };
}

const requestOf = ({ family, tail, choices, priority, maxTokens, temperature }: Ask, id: string) => ({
  ...plainRequest, id, choices, priority, maxTokens,
  prompt: { kind: "text", text: `${families[family] ?? ""}${tail}` } as const,
  params: { ...greedy, temperature, seed: 7 },
});

const textsOf = (events: readonly GenerationEvent[], choices: number): string[] =>
  Array.from({ length: choices }, (_, choice) => events.map((event) => (event.type === "text" && event.choice === choice ? event.text : "")).join(""));

const isOver = (events: readonly GenerationEvent[] | undefined): boolean => ["end", "failed"].includes(events?.at(-1)?.type ?? "");

/** What a host gives that has nothing else to do, shares nothing and guesses nothing. */
async function alone(request: Ask): Promise<string[]> {
  const { host, events } = await start({ parallel: 1, cells: 200, batch: 64, layout: "unified", ngram: false });
  host.generate({ ...requestOf(request, "alone"), cachePrompt: false }, 0);
  while (!isOver(events.get("alone"))) await turn();
  return textsOf(events.get("alone") ?? [], request.choices);
}

/** What the schedules made happen: a property over schedules in which nothing is shared or swapped would say nothing. */
function tally(events: readonly GenerationEvent[], seen: Record<string, number>): void {
  for (const event of events) {
    if (event.type === "start" && event.reuse.tokens > 0) seen[event.reuse.source] = (seen[event.reuse.source] ?? 0) + 1;
    if (event.type === "finish" && event.speculation.accepted > 0) seen["guessed"] = (seen["guessed"] ?? 0) + 1;
    if (event.spans.some(({ name }) => name === "swap")) seen["swapped"] = (seen["swapped"] ?? 0) + 1;
  }
}

test("whatever runs beside it, is shared, guessed, swapped, paused or cancelled: an answer is the same as alone, and no cell is lost", async () => {
  const seen: Record<string, number> = {};
  await fc.assert(fc.asyncProperty(shape, fc.array(ask, { minLength: 1, maxLength: 14 }), async (how, asks) => {
    const { backend, host, events } = await start(how);
    await Promise.all(asks.map(async (it, index) => {
      const id = `r${index}`;
      for (let i = 0; i < it.delay; i += 1) await turn();
      host.generate(requestOf(it, id), 0);
      if (it.pauseAfter !== null) {
        for (let i = 0; i < it.pauseAfter; i += 1) await turn();
        host.pause(id);
        for (let i = 0; i < 5; i += 1) await turn();
        host.resume(id);
      }
      if (it.cancelAfter === null) return;
      for (let i = 0; i < it.cancelAfter; i += 1) await turn();
      host.cancel(id);
    }));
    await host.idle();
    for (const [index, it] of asks.entries()) {
      const said = events.get(`r${index}`) ?? [];
      assert.ok(isOver(said), `r${index} has no last event`);
      tally(said, seen);
      const texts = textsOf(said, it.choices);
      const expected = await alone(it);
      const whole = said.at(-1)?.type === "end";
      for (const [choice, text] of texts.entries()) assert.ok(whole ? text === expected[choice] : expected[choice]?.startsWith(text), `r${index}.${choice}: "${text}", alone "${expected[choice]}"`);
    }
    host.pool.dropAll();
    assert.equal(host.pool.cellsUsed, 0);
    assert.equal(backend.samplers, 0);
  }), { numRuns: 300 });
  for (const what of ["running", "cached", "swapped", "guessed"]) assert.ok((seen[what] ?? 0) >= 10, `${what}: ${seen[what]} times only`);
});

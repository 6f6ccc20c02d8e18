import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { VirtualClock } from "../../../../base/clock.ts";
import type { Backend, LoadBackend, LoadOptions } from "../../../../runtime/backends/backend.ts";
import { FakeBackend } from "../../../../runtime/backends/fake/fake-backend.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import type { GenerationEvent } from "../../../../runtime/host/messages.ts";
import { ModelHost } from "../../../../runtime/host/model-host.ts";
import { createSpeculation, noSpeculation, type Speculation } from "../../../../runtime/host/speculation.ts";
import { admission } from "../../../../runtime/scheduler/admission.ts";
import { batching } from "../../../../runtime/scheduler/batching.ts";
import { oneAtATime } from "../../../../runtime/scheduler/one-at-a-time.ts";
import { victim } from "../../../../runtime/scheduler/victim.ts";
import { DraftModel } from "../../../../runtime/speculation/draft-model.ts";
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
  readonly guesses: "off" | "ngram" | "always";
  readonly deterministic: boolean;
}

const anyShape = fc.record<Shape>({
  parallel: fc.integer({ min: 2, max: 6 }),
  cells: fc.integer({ min: 48, max: 75 }),
  batch: fc.integer({ min: 24, max: 64 }),
  layout: fc.constantFrom("unified", "unified", "per_sequence"),
  guesses: fc.constantFrom("off", "ngram", "always"),
  deterministic: fc.constant(false),
});
const deterministicShape = fc.record<Shape>({
  parallel: fc.integer({ min: 2, max: 6 }),
  cells: fc.constant(0),
  batch: fc.integer({ min: 3, max: 12 }),
  layout: fc.constant("per_sequence"),
  guesses: fc.constant("off"),
  deterministic: fc.constant(true),
});
/** Prompts are short: in larger steps a deterministic model would share nothing. */
const shape = fc.oneof({ arbitrary: anyShape, weight: 3 }, { arbitrary: deterministicShape, weight: 1 });

/** Words of the answers. */
const words = 40;
/** Most tokens guessed at once. */
const most = 4;

/** A draft model that is asked in every step, whether it pays or not. */
async function alwaysGuessing({ capacity }: Backend, load: LoadBackend, options: LoadOptions): Promise<Speculation> {
  const draft = await load({ ...options, path: `fake:mix?words=${words}&skew=30`, kvCells: undefined, draftTokens: 0, candidates: 1 });
  // The fake vocabulary of words grows with every text.
  const drafter = new DraftModel(draft, Number.MAX_SAFE_INTEGER);
  return {
    ...noSpeculation,
    wanted: ({ tokens, cached, generated, job }) => (
      tokens.length - cached === 1 ? Math.max(0, Math.min(most, capacity.context - tokens.length, job.prompt.limit - generated - 1)) : 0),
    propose: (asked) => drafter.propose(asked.map(({ answer, most: room }) => ({ id: answer.arrival, tokens: answer.tokens, most: room }))).drafts,
    forget: ({ arrival }) => drafter.forget(arrival),
  };
}

async function start({ parallel, cells, batch, layout, guesses, deterministic }: Shape) {
  const clock = new VirtualClock(1_000);
  const events = new Map<string, GenerationEvent[]>();
  const options = {
    ...plainLoad, path: `fake:mix?words=${words}&stepUs=1000&tokenUs=10&layout=${layout}`, context: 48, parallel, batch,
    draftTokens: guesses === "off" ? 0 : most, candidates: 2, deterministic, ...(layout === "unified" && { kvCells: cells }),
  };
  const load: LoadBackend = async (wanted) => {
    const engine = await loadFakeOn(virtualTime(clock), wanted);
    // The fake vocabulary numbers words as they come; the answer depends on the numbers.
    for (const text of [...families, " a b c", ...Array.from({ length: words }, (_, word) => ` w${word}`)]) engine.tokenize(text, { addSpecial: false, parseSpecial: false });
    return engine;
  };
  const backend = await load(options);
  assert.ok(backend instanceof FakeBackend);
  const speculation = guesses === "always"
    ? await alwaysGuessing(backend, load, options)
    : await createSpeculation({ mode: guesses, draft: null, maxTokens: most, candidates: 2 }, backend, options, load);
  const host = new ModelHost({
    backend, clock, speculation, adapters: [], cachePrefixes: true, now: () => new Date(0),
    policies: { batch: deterministic ? oneAtATime : batching, admission, victim },
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
  const { host, events } = await start({ parallel: 1, cells: 200, batch: 64, layout: "unified", guesses: "off", deterministic: false });
  host.generate({ ...requestOf(request, "alone"), cachePrompt: false }, 0);
  while (!isOver(events.get("alone"))) await turn();
  return textsOf(events.get("alone") ?? [], request.choices);
}

/** Each span starts where the one before ended, and the last ends where the request does: none is negative, none overlaps, and they add up. */
function assertContiguous(events: readonly GenerationEvent[]): void {
  const last = events.at(-1);
  assert.ok(last?.type === "end" || last?.type === "failed");
  let cursor = 0;
  for (const { name, startUs, endUs } of events.flatMap(({ spans }) => spans)) {
    assert.equal(startUs, cursor, `${name} starts where the span before ended`);
    assert.ok(endUs >= startUs, `${name} is not negative`);
    cursor = endUs;
  }
  assert.equal(cursor, last.endUs);
}

/** What the schedules made happen: a property over schedules in which nothing is shared or swapped would say nothing. */
function tally(events: readonly GenerationEvent[], seen: Record<string, number>, deterministic: boolean): void {
  for (const event of events) {
    if (event.type === "start" && event.reuse.tokens > 0 && deterministic) seen["deterministic"] = (seen["deterministic"] ?? 0) + 1;
    if (event.type === "start" && event.reuse.tokens > 0) seen[event.reuse.source] = (seen[event.reuse.source] ?? 0) + 1;
    if (event.type === "finish" && event.speculation.accepted > 0) seen["guessed"] = (seen["guessed"] ?? 0) + 1;
    if (event.spans.some(({ name }) => name === "swap")) seen["swapped"] = (seen["swapped"] ?? 0) + 1;
  }
}

test("whatever runs beside it, is shared, guessed, swapped, paused or cancelled: an answer is the same as alone, and no cell is lost, and its spans add up", async () => {
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
      tally(said, seen, how.deterministic);
      assertContiguous(said);
      const texts = textsOf(said, it.choices);
      const expected = await alone(it);
      const whole = said.at(-1)?.type === "end";
      for (const [choice, text] of texts.entries()) {
        const right = expected[choice] ?? "";
        assert.ok(whole ? text === right : right.startsWith(text), `r${index}.${choice}: "${text}", alone "${right}"`);
      }
    }
    host.pool.dropAll();
    assert.equal(host.pool.cellsUsed, 0);
    assert.equal(backend.samplers, 0);
  }), { numRuns: 200 });
  for (const what of ["running", "cached", "swapped", "guessed", "deterministic"]) assert.ok((seen[what] ?? 0) >= 10, `${what}: ${seen[what] ?? 0} times only`);
});

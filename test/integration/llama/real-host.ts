import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { VirtualClock, type Clock } from "../../../base/clock.ts";
import { systemClock } from "../../../base/system-clock.ts";
import type { Backend, BatchItem, LoadOptions } from "../../../runtime/backends/backend.ts";
import { loadLlama } from "../../../runtime/backends/llama/index.ts";
import type { GenerateRequest, GenerationEvent, HostOptions, TokenRecord } from "../../../runtime/host/messages.ts";
import { ModelHost } from "../../../runtime/host/model-host.ts";
import { createSpeculation, type Speculation } from "../../../runtime/host/speculation.ts";
import { admission } from "../../../runtime/scheduler/admission.ts";
import { batching } from "../../../runtime/scheduler/batching.ts";
import { oneAtATime } from "../../../runtime/scheduler/one-at-a-time.ts";
import { victim } from "../../../runtime/scheduler/victim.ts";
import { emberOptions, emberPath, greedy } from "./ember.ts";

export const draftPath = join(dirname(emberPath), "ember-draft-q8_0.gguf");

/** Moves a little at every look, so that runs repeat exactly: what a step took is nobody's business here. */
class CountingClock implements Clock {
  #nowUs = 1_000;

  nowUs(): number {
    return (this.#nowUs += 10);
  }
}

export const plainAsk: GenerateRequest = {
  id: "", prompt: { kind: "text", text: "" }, params: greedy, maxTokens: 16, stop: [], choices: 1, priority: 0, timeoutMs: null, output: { kind: "text" },
  toolChoice: "auto", parallelToolCalls: true, adapters: [], overflow: "error", cachePrompt: true, speculate: true,
};

export interface RealHostOptions extends Partial<LoadOptions> {
  readonly speculation?: HostOptions["speculation"]["mode"];
  /** On the machine's clock, with a state folder to write to. */
  readonly home?: string;
}

/** A whole model host in this process with a real model, its engine watched: what was decoded, and which samplers live. */
export class RealHost {
  readonly backend: Backend;
  readonly host: ModelHost;
  readonly events = new Map<string, GenerationEvent[]>();
  /** What went through the model, one entry a decode call. */
  readonly decoded: (readonly BatchItem[])[] = [];
  samplers = 0;
  readonly #speculation: Speculation;
  /** Bytes of an empty sequence's state. */
  readonly #empty: number;

  static async open({ speculation: mode = "off", home: written, ...options }: RealHostOptions = {}): Promise<RealHost> {
    const clock = written !== undefined ? systemClock : new CountingClock();
    const home = written ?? join(tmpdir(), "inferno-no-such-home");
    const all = { ...emberOptions, ...options };
    const backend = await loadLlama({ clock, home })(all);
    const guessing = { mode, draft: mode === "draft" ? draftPath : null, maxTokens: all.draftTokens, candidates: all.candidates };
    // On a clock that stands still the draft model costs nothing, so that it is asked often.
    return new RealHost(backend, clock, await createSpeculation(guessing, backend, all, loadLlama({ clock: new VirtualClock(), home })));
  }

  private constructor(backend: Backend, clock: Clock, speculation: Speculation) {
    this.backend = backend;
    this.#speculation = speculation;
    this.#empty = backend.memory.save(0).length;
    const step = backend.step.bind(backend);
    backend.step = (batch, profiled) => {
      this.decoded.push(batch);
      return step(batch, profiled);
    };
    const createSampler = backend.createSampler.bind(backend);
    backend.createSampler = (params, history) => {
      const sampler = createSampler(params, history);
      const dispose = sampler.dispose.bind(sampler);
      this.samplers += 1;
      sampler.dispose = () => {
        this.samplers -= 1;
        dispose();
      };
      return sampler;
    };
    this.host = new ModelHost({
      backend, clock, speculation, adapters: [], cachePrefixes: true, now: () => new Date(0),
      policies: { batch: backend.capacity.deterministic ? oneAtATime : batching, admission, victim },
      send: (message) => {
        if (message.type !== "events") return;
        for (const [id, event] of message.events) this.events.set(id, [...(this.events.get(id) ?? []), event]);
      },
    });
  }

  ask(id: string, ask: Partial<GenerateRequest>): void {
    this.host.generate({ ...plainAsk, ...ask, id }, 0);
  }

  promptOf(ask: Partial<GenerateRequest>): readonly number[] {
    return this.host.tokensOf({ ...plainAsk, ...ask, id: "tokens" }).tokens;
  }

  /** Tokens shown, by choice. */
  tokensOf(id: string, choice = 0): number[] {
    return this.recordsOf(id, choice).map((token) => token.id);
  }

  recordsOf(id: string, choice = 0): TokenRecord[] {
    return this.#said(id).flatMap((event) => (event.type === "text" && event.choice === choice ? event.tokens : []));
  }

  textOf(id: string, choice = 0): string {
    return this.#said(id).map((event) => (event.type === "text" && event.choice === choice ? event.text : "")).join("");
  }

  reuseOf(id: string, choice = 0) {
    const start = this.#said(id).find((event) => event.type === "start" && event.choice === choice);
    assert(start?.type === "start", `${id} has not started`);
    return start.reuse;
  }

  /** Until nothing is in work; a host that turns for ever is stopped, because the process would never end. */
  async settled(mostTurns = 50_000): Promise<void> {
    for (let turns = 0; turns < mostTurns && this.host.running > 0; turns += 1) await turn();
    const left = this.host.running;
    this.host.cancelAll();
    assert.equal(left, 0, `${left} requests are in work after ${mostTurns} turns`);
  }

  /** True when the answer is whole; else it failed. */
  isWhole(id: string): boolean {
    const last = this.#said(id).at(-1);
    assert(last?.type === "end" || last?.type === "failed", `${id} has no last event`);
    return last.type === "end";
  }

  /** Nothing is held any more: not by our count, not by llama.cpp's, and no sampler lives. */
  assertEmpty(): void {
    this.host.pool.dropAll();
    assert.equal(this.host.pool.cellsUsed, 0);
    // The state of an empty sequence is a few fixed bytes; a cell would make it longer.
    for (let sequence = 0; sequence < this.backend.capacity.sequences; sequence += 1) {
      assert.equal(this.backend.memory.save(sequence).length, this.#empty, `sequence ${sequence} holds cells`);
    }
    assert.equal(this.samplers, 0);
  }

  dispose(): void {
    this.#speculation.dispose();
    this.backend.dispose();
  }

  #said(id: string): readonly GenerationEvent[] {
    return this.events.get(id) ?? [];
  }
}

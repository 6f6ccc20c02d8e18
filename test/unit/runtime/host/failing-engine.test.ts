import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { GenerationParams } from "../../../../protocol/model.ts";
import type { BatchItem, Sampler, StepReport } from "../../../../runtime/backends/backend.ts";
import { FakeBackend } from "../../../../runtime/backends/fake/fake-backend.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { fakeCapacity } from "../../../../runtime/backends/fake/index.ts";
import { parseFakePath } from "../../../../runtime/backends/fake/options.ts";
import type { GenerationEvent } from "../../../../runtime/host/messages.ts";
import { ModelHost } from "../../../../runtime/host/model-host.ts";
import { noSpeculation } from "../../../../runtime/host/speculation.ts";
import { admission } from "../../../../runtime/scheduler/admission.ts";
import { batching } from "../../../../runtime/scheduler/batching.ts";
import { victim } from "../../../../runtime/scheduler/victim.ts";
import { plainLoad, plainRequest } from "./harness.ts";

const count = parseFakePath("fake:count");

/** An engine that fails once in `createSampler` or in `step`, in words of its own. */
class FailsOnce extends FakeBackend {
  #failsIn: "createSampler" | "step" | null;

  constructor(failsIn: "createSampler" | "step", clock: VirtualClock) {
    super(count, fakeCapacity(count, { ...plainLoad, parallel: 1, context: 100, batch: 32 }), virtualTime(clock));
    this.#failsIn = failsIn;
  }

  override createSampler(params: GenerationParams, history: readonly number[]): Sampler {
    if (this.#fails("createSampler")) throw new InfernoError("decode_failed", "no sampler");
    return super.createSampler(params, history);
  }

  override step(batch: readonly BatchItem[]): StepReport {
    if (this.#fails("step")) throw new Error("llama_decode returned -3");
    return super.step(batch);
  }

  #fails(where: "createSampler" | "step"): boolean {
    if (this.#failsIn !== where) return false;
    this.#failsIn = null;
    return true;
  }
}

async function lastEvents(failsIn: "createSampler" | "step"): Promise<GenerationEvent[]> {
  const clock = new VirtualClock();
  const lasts: GenerationEvent[] = [];
  const backend = new FailsOnce(failsIn, clock);
  const host = new ModelHost({
    backend, clock, speculation: noSpeculation, adapters: [], cachePrefixes: true, now: () => new Date(0), policies: { batch: batching, admission, victim },
    send: (message) => {
      if (message.type !== "events") return;
      for (const [, event] of message.events) if (event.type === "end" || event.type === "failed") lasts.push(event);
    },
  });
  for (const id of ["a", "b"]) host.generate({ ...plainRequest, id, maxTokens: 2 }, 0);
  await host.idle();
  assert.equal(host.running, 0);
  assert.equal(backend.samplers, 0);
  return lasts;
}

test("a sampler that cannot be made fails its request; the next one gets the sequence", async () => {
  const [a, b] = await lastEvents("createSampler");
  assert.ok(a?.type === "failed" && a.error.error.message === "no sampler");
  assert.equal(b?.type, "end");
});

test("a strange error in a step is decode_failed, with its words", async () => {
  const [a, b] = await lastEvents("step");
  assert.ok(a?.type === "failed" && a.error.error.code === "decode_failed");
  assert.match(a.error.error.message, /llama_decode returned -3/);
  assert.equal(b?.type, "end");
});

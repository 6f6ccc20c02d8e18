import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { GenerationParams } from "../../../../protocol/model.ts";
import type { BatchItem, StepReport } from "../../../../runtime/backends/backend.ts";
import { FakeBackend } from "../../../../runtime/backends/fake/fake-backend.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { parseFakePath } from "../../../../runtime/backends/fake/options.ts";
import type { GenerationEvent } from "../../../../runtime/host/messages.ts";
import { ModelHost } from "../../../../runtime/host/model-host.ts";
import { firstComeFirstServed } from "../../../../runtime/scheduler/first-come-first-served.ts";
import { greedy } from "./harness.ts";

/** An engine that fails once in `open` or in `step`, in words of its own. */
class FailsOnce extends FakeBackend {
  #failsIn: "open" | "step" | null;

  constructor(failsIn: "open" | "step", clock: VirtualClock) {
    super(parseFakePath("fake:count"), { sequences: 1, context: 100, batch: 32 }, virtualTime(clock));
    this.#failsIn = failsIn;
  }

  override open(sequence: number, params: GenerationParams): void {
    if (this.#fails("open")) throw new InfernoError("decode_failed", "no sampler");
    super.open(sequence, params);
  }

  override step(batch: readonly BatchItem[]): StepReport {
    if (this.#fails("step")) throw new Error("llama_decode returned -3");
    return super.step(batch);
  }

  #fails(where: "open" | "step"): boolean {
    if (this.#failsIn !== where) return false;
    this.#failsIn = null;
    return true;
  }
}

async function lastEvents(failsIn: "open" | "step"): Promise<GenerationEvent[]> {
  const clock = new VirtualClock();
  const lasts: GenerationEvent[] = [];
  const emit = (_id: string, event: GenerationEvent): void => {
    if (event.type === "end" || event.type === "failed") lasts.push(event);
  };
  const host = new ModelHost({ backend: new FailsOnce(failsIn, clock), clock, policy: firstComeFirstServed, now: () => new Date(0), emit });
  for (const id of ["a", "b"]) host.generate({ id, prompt: { kind: "text", text: "x" }, params: greedy, maxTokens: 2, stop: [] }, 0);
  await host.idle();
  assert.equal(host.running, 0);
  return lasts;
}

test("a sequence that cannot be opened fails its request; the next one gets the sequence", async () => {
  const [a, b] = await lastEvents("open");
  assert.ok(a?.type === "failed" && a.error.error.message === "no sampler");
  assert.equal(b?.type, "end");
});

test("a strange error in a step is decode_failed, with its words", async () => {
  const [a, b] = await lastEvents("step");
  assert.ok(a?.type === "failed" && a.error.error.code === "decode_failed");
  assert.match(a.error.error.message, /llama_decode returned -3/);
  assert.equal(b?.type, "end");
});

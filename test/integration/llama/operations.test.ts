import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { GenerateRequest, SpanRecord } from "../../../runtime/host/messages.ts";
import { RealHost } from "./real-host.ts";

const prompt = { kind: "text", text: "Once upon a time there was" } as const;
const layers = 4;

/** Of one request: its profiled steps, each with the operations in its time. */
function stepsOf(it: RealHost, id: string) {
  const spans = (it.events.get(id) ?? []).flatMap((event) => event.spans);
  const steps = spans.filter(({ attributes }) => attributes?.["profiled"] === true);
  const operations = spans.filter(({ name }) => name === "operation");
  return { spans, operations, steps: steps.map((step) => ({ step, operations: operations.filter((it) => isWithin(it, step)) })) };
}

const isWithin = (inner: SpanRecord, outer: SpanRecord): boolean => inner.startUs >= outer.startUs && inner.endUs <= outer.endUs;
const us = ({ startUs, endUs }: SpanRecord): number => endUs - startUs;

describe("operations of a GGUF model", () => {
  const home = mkdtempSync(join(tmpdir(), "inferno-operations-"));
  let it: RealHost;
  const answer = async (id: string, ask: Partial<GenerateRequest> = {}) => {
    it.ask(id, { prompt, maxTokens: 8, cachePrompt: false, ...ask });
    await it.settled();
    assert.ok(it.isWhole(id));
    return it.tokensOf(id);
  };
  before(async () => void (it = await RealHost.open({ home })));
  after(() => {
    it.dispose();
    rmSync(home, { recursive: true, force: true });
  });

  test("a decode step: every layer's operations, in order, within the step's span, with types, shapes, bytes and FLOPs", async () => {
    await answer("a", { profile: { from: 3, to: 4 } });
    const { steps, operations, spans } = stepsOf(it, "a");
    assert.equal(steps.length, 2);
    assert.equal(operations.length, steps[0]!.operations.length + steps[1]!.operations.length, "an operation lies outside its step");
    const { step, operations: [...all] } = steps[0]!;
    assert.equal(all.length, step.attributes?.["operations"]);
    assert.deepEqual([...new Set(all.flatMap(({ attributes }) => attributes?.["layer"] ?? []))].sort(), Array.from({ length: layers }, (_, layer) => layer));
    for (let layer = 0; layer < layers; layer += 1) {
      const weights = all.filter(({ attributes }) => attributes?.["layer"] === layer).flatMap(({ attributes }) => attributes?.["weight"] ?? []);
      for (const part of ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down", "attn_norm", "ffn_norm"]) assert.ok(weights.includes(`blk.${layer}.${part}.weight`), `${part} of block ${layer}`);
    }
    for (const [index, operation] of all.entries()) assert.ok(us(operation) >= 0 && (index === 0 || operation.startUs >= all[index - 1]!.endUs), "operations overlap");
    assert.ok(all.reduce((sum, operation) => sum + us(operation), 0) <= us(step));
    const gate = all.find(({ attributes }) => attributes?.["weight"] === "blk.0.ffn_gate.weight")!.attributes!;
    assert.deepEqual({ operator: gate["operator"], provider: gate["provider"], shapes: gate["shapes"], type: gate["type"], flops: gate["flops"], bytes: gate["bytes"] }, {
      operator: "MUL_MAT", provider: "CPU", shapes: "q8_0[256,512] f32[256] → f32[512]", type: "f32", flops: 2 * 256 * 512, bytes: (256 * 512 * 34) / 32 + 4 * (256 + 512),
    });
    assert.ok(Number(step.attributes?.["instrumentUs"]) > 0 && Number(step.attributes?.["emptyUs"]) > 0);
    const [begin] = spans.filter(({ name }) => name === "instrument");
    assert.ok(Number(begin?.attributes?.["gbPerS"]) > 0 && Number(begin?.attributes?.["gflopPerS"]) > 0, "the machine's limits stand beside");
  });

  test("a prompt's step has as many rows as it has tokens", async () => {
    await answer("p", { profile: { from: 0, to: 0 } });
    const { steps } = stepsOf(it, "p");
    const first = steps[0]!;
    assert.equal(first.step.name, "prefill");
    const tokens = Number(first.step.attributes?.["tokens"]);
    const product = first.operations.find(({ attributes }) => attributes?.["weight"] === "blk.0.ffn_gate.weight");
    assert.equal(product?.attributes?.["flops"], 2 * 256 * 512 * tokens);
  });

  test("the same tokens with and without, alone and beside another, and the same again afterwards", async () => {
    const plain = await answer("plain");
    assert.deepEqual(await answer("all", { profile: { from: 0, to: null } }), plain);
    assert.deepEqual(await answer("middle", { profile: { from: 2, to: 4 } }), plain);
    it.ask("beside", { prompt: { kind: "text", text: "The king said" }, maxTokens: 12, cachePrompt: false });
    assert.deepEqual(await answer("with", { profile: { from: 1, to: 5 } }), plain);
    const beside = it.tokensOf("beside");
    it.ask("alone", { prompt: { kind: "text", text: "The king said" }, maxTokens: 12, cachePrompt: false });
    await it.settled();
    assert.deepEqual(it.tokensOf("alone"), beside);
    assert.deepEqual(await answer("after"), plain);
  });

  test("afterwards the context has no callback: nobody is asked about a node any more", async () => {
    await answer("asked", { profile: { from: 1, to: 1 } });
    assert.equal(it.backend.profiler?.isReady, false);
    await answer("free");
    assert.equal(stepsOf(it, "free").operations.length, 0);
  });

  test("cached prefixes survive the change of contexts, shared cells included", async () => {
    it.ask("keep", { prompt, maxTokens: 4 });
    await it.settled();
    const used = it.host.pool.cellsUsed;
    await answer("profiled", { profile: { from: 1, to: 2 } });
    assert.equal(it.host.pool.cellsUsed, used);
    it.ask("again", { prompt, maxTokens: 4 });
    await it.settled();
    assert.ok(it.reuseOf("again").tokens > 0);
    assert.deepEqual(it.tokensOf("again"), it.tokensOf("keep"));
    it.assertEmpty();
  });
});

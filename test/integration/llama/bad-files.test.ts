import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import fc from "fast-check";
import { emberPath, loadEmber } from "./ember.ts";
import type { Damage, Outcome } from "./load-child.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-bad-files-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const ember = readFileSync(emberPath);
const headerEnd = ember.lastIndexOf("ffn_norm.weight");

function loadInChild(damages: readonly Damage[]): Outcome[] {
  const list = join(folder, "damages.json");
  writeFileSync(list, JSON.stringify(damages));
  const child = spawnSync(process.execPath, [join(import.meta.dirname, "load-child.ts"), folder, list], { encoding: "utf8" });
  const lines = child.stdout.trim().split("\n");
  assert.equal(child.status, 0, `the process died of ${String(child.signal)} after ${lines.at(-1) ?? "nothing"}\n${child.stderr}`);
  const outcomes = lines.map((line) => JSON.parse(line) as Partial<Outcome>).filter((line): line is Outcome => line.end !== undefined);
  assert.equal(outcomes.length, damages.length);
  return outcomes;
}

/** The same values in every run: a failure must be repeatable, and a run takes long enough to hit different cases per file. */
const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] => fc.sample(arbitrary, { numRuns: count, seed: 20 });

suite("a file that is not a model", () => {
  const cases: readonly [what: string, content: Buffer | string, message: RegExp][] = [
    ["empty", "", /it is empty/],
    ["another format", "PK\u0003\u0004 and then a zip file", /starts with the bytes 504b0304, not with "GGUF"/],
    ["text", "models: {}\nserver: {}\n", /starts with "mode"/],
    ["nothing but the magic", "GGUF", /truncated: 4 bytes/],
    ["a header without tensors", Buffer.concat([ember.subarray(0, 8), Buffer.alloc(16)]), /it holds no tensors/],
  ];
  for (const [what, content, message] of cases) {
    test(what, async () => {
      const path = join(folder, "other.gguf");
      writeFileSync(path, content);
      await assert.rejects(loadEmber({ path }), { code: "model_file_invalid", message });
    });
  }

  test("a pipe", { skip: process.platform === "win32" }, async () => {
    const path = join(folder, "pipe.gguf");
    assert.equal(spawnSync("mkfifo", [path]).status, 0);
    await assert.rejects(loadEmber({ path }), { code: "model_file_invalid", message: /a pipe or a device/ });
  });

  test("links in a circle", { skip: process.platform === "win32" }, async () => {
    const path = join(folder, "circle.gguf");
    symlinkSync("circle.gguf", path);
    await assert.rejects(loadEmber({ path }), { code: "model_file_missing", message: /circle\.gguf cannot be reached: .*ELOOP/ });
  });

  test("no file, and a directory", async () => {
    const path = join(folder, "missing.gguf");
    await assert.rejects(loadEmber({ path }), { code: "model_file_missing", message: /missing\.gguf does not exist/ });
    mkdirSync(join(folder, "directory.gguf"));
    await assert.rejects(loadEmber({ path: join(folder, "directory.gguf") }), { code: "model_file_missing", message: /is a directory/ });
  });
});

test("a file cut anywhere is `model_file_invalid`", () => {
  const anywhere = sample(fc.integer({ min: 5, max: ember.length - 1 }), 25);
  const inTheHeader = sample(fc.integer({ min: 5, max: headerEnd }), 25);
  const lengths = [...anywhere, ...inTheHeader, ember.length - 1];
  for (const { end, what, message } of loadInChild(lengths.map((length) => ({ what: `cut to ${length}`, length })))) {
    assert.equal(end, "model_file_invalid", what);
    assert.match(message, /truncated|cannot be read/, what);
  }
});

test("a file cut within its weights names the tensor and both sizes", () => {
  const [outcome] = loadInChild([{ what: "half", length: 1_400_000 }]);
  assert.match(outcome!.message, /truncated: the tensor "blk\.\d\.[a-z_]+\.weight" ends at byte \d+, but the file has 1400000/);
});

const harmless = new Set(["loaded", "model_file_invalid", "model_load_failed"]);

test("any changed byte in the header is refused with a typed error or does no harm", () => {
  const change = fc.record({ at: fc.integer({ min: 0, max: headerEnd }), value: fc.nat(255) });
  // Sizes, types and counts are what does harm, and they are in the first kilobyte and among the tensors at the end.
  const early = fc.record({ at: fc.integer({ min: 4, max: 1100 }), value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff) });
  const late = fc.record({ at: fc.integer({ min: headerEnd - 2000, max: headerEnd }), value: fc.constantFrom(0, 1, 0x18, 0x80, 0xff) });
  const changes = [...sample(change, 120), ...sample(early, 120), ...sample(late, 120)];
  const damages = changes.map(({ at, value }) => ({ what: `byte ${at} = ${value}`, at, bytes: value.toString(16).padStart(2, "0") }));
  const outcomes = loadInChild(damages);
  for (const { end, what, message } of outcomes) assert.ok(harmless.has(end), `${what}: ${end} ${message}`);
  assert.ok(outcomes.some(({ end }) => end === "model_file_invalid") && outcomes.some(({ end }) => end === "loaded"));
});

suite("metadata that makes no sense", () => {
  /** Overwrites the 4 bytes of the value behind `key` and its type. */
  const setting = (key: string, bytes: string): Damage => ({ what: `${key} = ${bytes}`, at: ember.indexOf(key) + key.length + 4, bytes });
  const keys = [
    "qwen3.context_length", "qwen3.embedding_length", "qwen3.block_count", "qwen3.feed_forward_length", "qwen3.attention.head_count",
    "qwen3.attention.head_count_kv", "qwen3.attention.key_length", "qwen3.attention.value_length",
    "qwen3.attention.layer_norm_rms_epsilon", "qwen3.rope.freq_base", "tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.eot_token_id", "general.file_type",
  ];

  test("zero, one, huge, negative and not-a-number values", () => {
    const values = ["00000000", "01000000", "ff7f0000", "ffffffff", "00000080", "0000c07f"];
    for (const { end, what, message } of loadInChild(keys.flatMap((key) => values.map((bytes) => setting(key, bytes))))) {
      assert.ok(harmless.has(end), `${what}: ${end} ${message}`);
    }
  });

  test("the message says which value", () => {
    const text = (what: string, place: string, value: string): Damage =>
      ({ what, at: ember.indexOf(place), bytes: Buffer.from(value).toString("hex") });
    const expected: readonly [Damage, code: string, message: RegExp][] = [
      [setting("qwen3.block_count", "01020000"), "model_file_invalid", /qwen3\.block_count is 513, not between 1 and 512/],
      [setting("qwen3.attention.layer_norm_rms_epsilon", "0000c07f"), "model_file_invalid", /layer_norm_rms_epsilon is NaN/],
      [text("a key is missing", "qwen3.embedding_length", "qwen3.embedding_width!"), "model_file_invalid", /key not found.*qwen3\.embedding_length/],
      [text("unknown architecture", "qwen3", "qwen9"), "model_load_failed", /unknown model architecture: 'qwen9'/],
      [text("a token is there twice", "<|im_start|>", "<|im_end|>\0"), "model_file_invalid", /of its vocabulary, "<\|im_end\|>", is there twice/],
      [text("a tensor is missing", "blk.2.attn_q.weight", "blk.7.attn_q.weight"), "model_file_invalid", /blk\.2\.attn_q\.weight/],
    ];
    const outcomes = loadInChild(expected.map(([damage]) => damage));
    for (const [index, [{ what }, code, message]] of expected.entries()) {
      const outcome = outcomes[index]!;
      assert.equal(outcome.end, code, what);
      assert.match(outcome.message, message, what);
    }
  });
});

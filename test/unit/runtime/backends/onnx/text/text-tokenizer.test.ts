import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { InfernoError, type ErrorCode } from "../../../../../../protocol/errors.ts";
import { TextTokenizer } from "../../../../../../runtime/backends/onnx/text/text-tokenizer.ts";
import { readTokenizer, type TokenizerFile } from "../../../../../../runtime/backends/onnx/text/tokenizer-file.ts";
import { miniLmPath } from "../../../../../drivers/minilm.ts";

let file: TokenizerFile;
before(async () => (file = await readTokenizer(join(miniLmPath, "tokenizer.json"))));

const refuses = (code: ErrorCode, param: string, words: RegExp) => (error: unknown): boolean =>
  error instanceof InfernoError && error.code === code && error.param === param && words.test(error.message);

test("what the file says of its vocabulary", () => {
  assert.deepEqual({ vocabulary: file.vocabulary, padId: file.padId, style: { ...file.style, special: [...file.style.special] } }, {
    vocabulary: 30_522, padId: 0, style: { byteLevel: false, continuing: "##", unknown: "[UNK]", special: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] },
  });
});

test("a text with its special tokens, nothing cut off at the file's own 128", () => {
  const tokenizer = new TextTokenizer(file, 512);
  assert.deepEqual(tokenizer.text("Hello, world", "input"), { ids: [101, 7592, 1010, 2088, 102], tokens: ["[CLS]", "hello", ",", "world", "[SEP]"], types: [0, 0, 0, 0, 0] });
  assert.equal(tokenizer.text("a ".repeat(510), "input").ids.length, 512);
  assert.throws(() => tokenizer.text("a ".repeat(511), "input.3"), refuses("context_length_exceeded", "input.3", /^input\.3: it has 513 tokens, the model takes 512 tokens\.$/));
});

test("a pair tells its two texts apart; an empty second one is there all the same", () => {
  const tokenizer = new TextTokenizer(file, 12);
  assert.deepEqual(tokenizer.pair("who", "me too", "documents.0"), { ids: [101, 2040, 102, 2033, 2205, 102], tokens: ["[CLS]", "who", "[SEP]", "me", "too", "[SEP]"], types: [0, 0, 0, 1, 1, 1] });
  assert.deepEqual(tokenizer.pair("who", "", "documents.0").ids, [101, 2040, 102, 102]);
  assert.throws(() => tokenizer.pair("who", "a ".repeat(20), "documents.1"), refuses("context_length_exceeded", "documents.1", /query and document have 24 tokens/));
});

test("an empty text is its special tokens", () => {
  const tokenizer = new TextTokenizer(file, 12);
  for (const text of ["", "  \n", "\u0000\u200b"]) assert.deepEqual(tokenizer.text(text, "input").ids, [101, 102]);
});

test("a text far too long is refused before it is cut into tokens", () => {
  const tokenizer = new TextTokenizer(file, 2);
  assert.equal(tokenizer.text(" ".repeat(512), "input").ids.length, 2);
  assert.throws(() => tokenizer.text(" ".repeat(513), "input"), refuses("context_length_exceeded", "input", /it has 513 characters, the model takes 2 tokens/));
  assert.throws(() => tokenizer.pair("a", "b".repeat(512), "documents.0"), refuses("context_length_exceeded", "documents.0", /it has 513 characters/));
});

test("tokens made elsewhere are taken as they are, if they are tokens", () => {
  const tokenizer = new TextTokenizer(file, 3);
  assert.deepEqual(tokenizer.tokens([0, 30_521], "input"), { ids: [0, 30_521], tokens: [], types: null });
  for (const bad of [-1, 30_522, 1.5, NaN]) assert.throws(() => tokenizer.tokens([1, bad], "input.1"), refuses("invalid_request", "input.1", /is no token/));
  assert.throws(() => tokenizer.tokens([], "input"), refuses("invalid_request", "input", /empty/));
  assert.throws(() => tokenizer.tokens([1, 1, 1, 1], "input"), refuses("context_length_exceeded", "input", /4 tokens, the model takes 3/));
});

test("words that a vocabulary without unknown token lacks are refused", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-tokenizer-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "tokenizer.json");
  writeFileSync(path, JSON.stringify({ added_tokens: [], normalizer: null, pre_tokenizer: { type: "Whitespace" }, post_processor: null, decoder: null, model: { type: "WordPiece", continuing_subword_prefix: "##", vocab: { a: 0, "##b": 1 } } }));
  const tokenizer = new TextTokenizer(await readTokenizer(path), 8);
  assert.deepEqual(tokenizer.text("ab a", "input").ids, [0, 1, 0]);
  assert.throws(() => tokenizer.text("a abc", "input"), refuses("invalid_request", "input", /vocabulary does not know/));
  assert.throws(() => tokenizer.text("", "input"), refuses("invalid_request", "input", /empty/));
});

test("a file that is no tokenizer is the manifest's error", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-tokenizer-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "tokenizer.json");
  for (const text of ["", "{", "[]", "{}", '{"model": 1}', '{"model": {"type": "WordPiece"}, "decoder": null}', '{"added_tokens": [], "normalizer": {"type": "Unheard"}, "pre_tokenizer": null, "post_processor": null, "decoder": null, "model": {"type": "BPE", "vocab": {}, "merges": []}}']) {
    writeFileSync(path, text);
    await assert.rejects(readTokenizer(path), (error) => error instanceof InfernoError && error.code === "manifest_invalid" && error.message.startsWith("tokenizer: tokenizer.json is not"), text);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { findVocabularyProblem } from "../../../../../runtime/backends/llama/vocabulary-check.ts";

const byteTokens = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);

test("a token that is there twice is named, with its number", () => {
  assert.match(findVocabularyProblem("gpt2", ["a", "b", "a"]) ?? "", /token 2 .*"a", is there twice/);
  assert.equal(findVocabularyProblem("gpt2", ["a", "b", "", "", "\uFFFD", "\uFFFD"]), undefined, "empty and unreadable tokens may repeat");
});

test("SentencePiece vocabularies must be able to spell every byte", () => {
  assert.equal(findVocabularyProblem("llama", ["<s>", ...byteTokens]), undefined);
  const without = (token: string): string[] => byteTokens.filter((other) => other !== token);
  assert.equal(findVocabularyProblem("llama", without("<0x0A>")), "its vocabulary lacks the byte token <0x0A>");
  assert.equal(findVocabularyProblem("llama", [...without("<0x41>"), "A"]), undefined, "the character itself will do");
  assert.equal(findVocabularyProblem("gpt2", without("<0x0A>")), undefined);
});

test("a file without a vocabulary is another check's business", () => {
  assert.equal(findVocabularyProblem(null, []), undefined);
});

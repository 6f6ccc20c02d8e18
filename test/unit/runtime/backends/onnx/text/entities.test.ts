import assert from "node:assert/strict";
import { test } from "node:test";
import { joinedEntities, tokenEntities, type LabelledToken } from "../../../../../../runtime/backends/onnx/text/entities.ts";

const text = "Ada Lovelace in London met Ada";
const token = (label: string, start: number, end: number, score = 1): LabelledToken => ({ label, score, span: { start, end } });
const names = (entities: ReturnType<typeof joinedEntities>): string[] => entities.map(({ label, text: part }) => `${label} ${part}`);

test("tokens of one name are one part, from the first's beginning to the last's end", () => {
  const tokens = [{ label: "O", score: 1, span: null }, token("B-PER", 0, 3, 0.5), token("I-PER", 4, 8, 0.75), token("I-PER", 8, 12, 1), token("O", 13, 15), token("B-LOC", 16, 22)];
  assert.deepEqual(joinedEntities(text, tokens), [
    { label: "PER", score: 0.75, text: "Ada Lovelace", start: 0, end: 12 },
    { label: "LOC", score: 1, text: "London", start: 16, end: 22 },
  ]);
});

test("B- begins anew, and so does an I- of another name or behind O", () => {
  assert.deepEqual(names(joinedEntities(text, [token("B-PER", 0, 3), token("B-PER", 4, 12)])), ["PER Ada", "PER Lovelace"]);
  assert.deepEqual(names(joinedEntities(text, [token("I-PER", 0, 3), token("I-LOC", 4, 12)])), ["PER Ada", "LOC Lovelace"]);
  assert.deepEqual(names(joinedEntities(text, [token("I-PER", 0, 3), token("O", 13, 15), token("I-PER", 27, 30)])), ["PER Ada", "PER Ada"]);
});

test("labels without B- and I- are names too; what stands for nothing neither begins nor ends", () => {
  const nothing: LabelledToken = { label: "B-PER", score: 1, span: null };
  assert.deepEqual(names(joinedEntities(text, [nothing, token("city", 16, 18), nothing, token("city", 18, 22)])), ["city London"]);
});

test("without joining, each token is by itself", () => {
  assert.deepEqual(names(tokenEntities(text, [token("B-PER", 0, 3), token("I-PER", 4, 12), token("O", 13, 15)])), ["B-PER Ada", "I-PER Lovelace"]);
});

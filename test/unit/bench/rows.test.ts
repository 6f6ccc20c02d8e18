import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isRight, requestOf, type Row, type RowAnswer } from "../../../bench/ember/rows.ts";
import { ChatCompletionRequest } from "../../../protocol/api/openai.ts";

const file = join(import.meta.dirname, "../../../bench/ember/eval.jsonl");
const rows = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row);

const said = (text: string, ended = true): RowAnswer => ({ text, ended, calls: [] });

describe("the evaluation rows of the embedded model", () => {
  test("are all there, and every one is a request of the contract", () => {
    assert.equal(rows.length, 518);
    assert.equal(new Set(rows.map(({ id }) => id)).size, 518);
    for (const row of rows) {
      const request = requestOf(row);
      if (request.kind === "text") assert.match(request.prompt, /^<\|fim_prefix\|>[\s\S]*<\|fim_suffix\|>[\s\S]*<\|fim_middle\|>$/);
      else ChatCompletionRequest.parse({ model: "ember", ...request });
    }
  });

  test("are right with the expected answer, and wrong with half of it", () => {
    for (const row of rows.filter(({ task, expected }) => task !== "story" && expected !== undefined)) {
      const expected = row.expected!;
      assert.equal(isRight(row, said(expected)), true, row.id);
      assert.equal(isRight(row, said(expected, false)), false, `${row.id} cut off`);
      assert.equal(isRight(row, said(`${expected} and more`)), false, row.id);
    }
  });
});

test("a tool call counts by its content, not by its spelling", () => {
  const row: Row = { id: "t", task: "tool", expected_call: { name: "add", arguments: { a: 1, b: 2 } } };
  const called = (...calls: string[]): RowAnswer => ({ text: "", ended: true, calls: calls.map((text) => ({ function: { name: "add", arguments: text } })) });
  assert.equal(isRight(row, called('{"b": 2, "a": 1}')), true);
  assert.equal(isRight(row, called('{"a": 1, "b": 3}')), false);
  assert.equal(isRight(row, called("{broken")), false);
  assert.equal(isRight(row, called('{"a": 1, "b": 2}', '{"a": 1, "b": 2}')), false);
  assert.equal(isRight(row, said("3")), false);
});

test("a story has to end and to name what it was asked for", () => {
  const row: Row = { id: "s", task: "story", must: ["Fox", "jar"] };
  const story = `The fox found a jar. ${"It was a long day. ".repeat(8)}`;
  assert.equal(isRight(row, said(story)), true);
  assert.equal(isRight(row, said(story, false)), false);
  assert.equal(isRight(row, said(story.replace("jar", "hat"))), false);
});

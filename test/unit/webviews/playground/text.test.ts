import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sampleModel } from "../../../drivers/panels/panel-script.ts";
import { nextAnnouncement } from "../../../../webviews/playground/announce.ts";
import { splitAnswer } from "../../../../webviews/playground/answer-text.ts";
import { initialPlayground } from "../../../../webviews/playground/model.ts";
import { refreshAfter } from "../../../../webviews/playground/refresh.ts";
import { readField, samplingForm } from "../../../../webviews/playground/sampling.ts";

test("an answer is split at its code fences, also while one is still open", () => {
  assert.deepEqual(splitAnswer("See:\n\n```ts\nlet a = 1;\n```\n\nDone."), [{ type: "text", text: "See:" }, { type: "code", language: "ts", text: "let a = 1;" }, { type: "text", text: "Done." }]);
  assert.deepEqual(splitAnswer("```\nhalf"), [{ type: "code", language: "", text: "half" }]);
  assert.deepEqual(splitAnswer("plain `code` text"), [{ type: "text", text: "plain `code` text" }]);
  assert.deepEqual(splitAnswer("```js\n```"), [{ type: "code", language: "js", text: "" }]);
  assert.deepEqual(splitAnswer(""), []);
});

test("no word of an answer is lost in splitting", () => {
  const piece = fc.constantFrom("word", "```", "```ts", "\n", " ", "`x`", "last");
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const answer = pieces.join("");
    const words = (text: string) => text.match(/word|last/g)?.length ?? 0;
    // The rest of a fence's line names the language.
    const kept = splitAnswer(answer).map((part) => (part.type === "code" ? `${part.language} ${part.text}` : part.text)).join(" ");
    assert.equal(words(kept), words(answer));
  }));
});

test("a screen reader hears whole sentences, and the rest at the end", () => {
  assert.deepEqual(nextAnnouncement("One. Two is", 0, false), { text: "One.", spoken: 5 });
  assert.deepEqual(nextAnnouncement("One. Two is", 5, false), { text: "", spoken: 5 });
  assert.deepEqual(nextAnnouncement("One. Two is long", 5, true), { text: "Two is long", spoken: 16 });
  assert.deepEqual(nextAnnouncement("3.14 is", 0, false), { text: "", spoken: 0 });
});

test("the models are asked for often while one waits for something, rarely otherwise", () => {
  const state = { ...initialPlayground, model: "ember", models: [sampleModel()] };
  assert.equal(refreshAfter(state), 10_000);
  assert.equal(refreshAfter({ ...state, models: [sampleModel({ state: "loading", progress: 0.3 })] }), 500);
  assert.equal(refreshAfter({ ...state, exchanges: [{ id: 1, question: "?", model: "ember", answer: "", outcome: { type: "streaming" } }] }), 500);
});

test("sampling fields take what the API takes", () => {
  const read = (name: string, text: string) => readField(samplingForm.find((field) => field.name === name)!, text);
  assert.deepEqual(read("temperature", " 0.7 "), { type: "value", value: 0.7 });
  assert.deepEqual(read("temperature", ""), { type: "empty" });
  for (const [name, text] of [["temperature", "2.1"], ["temperature", "hot"], ["top_p", "0"], ["top_k", "1.5"], ["seed", "-1"], ["max_tokens", "0"]] as const) {
    assert.deepEqual(read(name, text), { type: "invalid" }, `${name} ${text}`);
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { nearest, typingErrors } from "../../../server/features/nearest.ts";

suite("nearest", () => {
  test("counts insertions, removals, changes and swaps", () => {
    assert.equal(typingErrors("context", "context"), 0);
    assert.equal(typingErrors("contxt", "context"), 1);
    assert.equal(typingErrors("conetxt", "context"), 1);
    assert.equal(typingErrors("", "abc"), 3);
  });

  test("proposes only what can have been meant", () => {
    const keys = ["source", "task", "context", "top_k", "top_p"];
    assert.equal(nearest("soruce", keys), "source");
    assert.equal(nearest("Context", keys), "context");
    assert.equal(nearest("tsk", keys), "task");
    assert.equal(nearest("model", keys), undefined);
  });

  test("is symmetric, and zero only for equal words", () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(fc.property(word, word, (a, b) => {
      assert.equal(typingErrors(a, b), typingErrors(b, a));
      assert.equal(typingErrors(a, b) === 0, a === b);
    }));
  });
});

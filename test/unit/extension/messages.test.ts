import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { contextShares, estimateTokens, toChatMessages, type EditorMessage } from "../../../extension/models/messages.ts";
import { ChatCompletionRequest } from "../../../protocol/api/openai.ts";

const text = (value: string) => ({ kind: "text" as const, text: value });

suite("the editor's conversation", () => {
  test("texts keep their roles and order, parts are joined, empty messages vanish", () => {
    assert.deepEqual(toChatMessages([
      { role: "user", parts: [text("a"), { kind: "other" }, text("b")] },
      { role: "assistant", parts: [] },
      { role: "assistant", parts: [text("c")] },
    ]), [{ role: "user", content: "ab" }, { role: "assistant", content: "c" }]);
  });

  test("tool calls and their results", () => {
    assert.deepEqual(toChatMessages([
      { role: "assistant", parts: [{ kind: "toolCall", id: "1", name: "add", input: { a: 1 } }] },
      { role: "user", parts: [{ kind: "toolResult", id: "1", text: "2" }, text("and?")] },
    ]), [
      { role: "assistant", content: "", tool_calls: [{ id: "1", type: "function", function: { name: "add", arguments: '{"a":1}' } }] },
      { role: "tool", content: "2", tool_call_id: "1" },
      { role: "user", content: "and?" },
    ]);
  });

  test("a conversation without text is refused", () => {
    assert.throws(() => toChatMessages([{ role: "user", parts: [{ kind: "other" }] }]), { code: "invalid_request" });
  });

  test("whatever comes out is what the daemon accepts", () => {
    const part = fc.oneof(
      fc.record({ kind: fc.constant("text" as const), text: fc.string() }),
      fc.record({ kind: fc.constant("toolCall" as const), id: fc.string(), name: fc.string(), input: fc.jsonValue() }),
      fc.record({ kind: fc.constant("toolResult" as const), id: fc.string(), text: fc.string() }),
    );
    const message: fc.Arbitrary<EditorMessage> = fc.record({ role: fc.constantFrom("user" as const, "assistant" as const), parts: fc.array(part, { maxLength: 3 }) });
    fc.assert(fc.property(fc.array(message), (messages) => {
      const converted = toChatMessages([...messages, { role: "user", parts: [text("x")] }]);
      ChatCompletionRequest.parse({ model: "m", messages: converted });
    }));
  });
});

suite("token estimate", () => {
  test("is near for English and high for other scripts", () => {
    assert.equal(estimateTokens(""), 0);
    assert.equal(estimateTokens("What is 17 + 25?"), 5);
    assert.equal(estimateTokens("火火火"), 3);
  });

  test("context is shared out completely", () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 1_000_000 }), (context) => {
      const { input, output } = contextShares(context);
      assert.equal(input + output, context);
      assert.ok(input >= output && output >= 1);
    }));
  });
});

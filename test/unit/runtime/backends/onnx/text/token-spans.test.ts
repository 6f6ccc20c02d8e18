import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import fc from "fast-check";
import { fold } from "../../../../../../runtime/backends/onnx/text/fold.ts";
import { tokenSpans } from "../../../../../../runtime/backends/onnx/text/token-spans.ts";
import { readTokenizer, type TokenizerFile } from "../../../../../../runtime/backends/onnx/text/tokenizer-file.ts";
import { miniLmPath } from "../../../../../drivers/minilm.ts";

let bert: TokenizerFile;
before(async () => (bert = await readTokenizer(join(miniLmPath, "tokenizer.json"))));

const parts = (text: string, { tokenizer, style }: TokenizerFile): [string, string | null][] => {
  const { tokens } = tokenizer.encode(text, { text_pair: null, return_token_type_ids: true });
  return tokenSpans(text, tokens, style).map((span, index) => [tokens[index]!, span && text.slice(span.start, span.end)]);
};

test("case, accents, spaces and punctuation", () => {
  assert.deepEqual(parts("  Zoë's CAFÉ, Unbelievably", bert), [
    ["[CLS]", null], ["zoe", "Zoë"], ["'", "'"], ["s", "s"], ["cafe", "CAFÉ"], [",", ","], ["un", "Un"], ["##bel", "bel"], ["##ie", "ie"], ["##va", "va"], ["##bly", "bly"], ["[SEP]", null],
  ]);
});

test("letters that fold into several, or by their place in the word", () => {
  const spans = parts("ΟΔΟΣ ﬁne 日本 é", bert).map(([, part]) => part).filter((part) => part !== null);
  assert.equal(spans[0], "Ο");
  assert.ok(spans.includes("日") && spans.includes("本"));
  assert.equal(spans.at(-1), "é");
});

test("an unknown word is the whole word, also beside another and at the end", () => {
  assert.deepEqual(parts("a 🦕 b 🦕🦖 🦕", bert), [["[CLS]", null], ["a", "a"], ["[UNK]", "🦕"], ["b", "b"], ["[UNK]", "🦕🦖"], ["[UNK]", "🦕"], ["[SEP]", null]].map(([token, part]) => [token!, part ?? null]));
});

test("a special token written in the text is passed over", () => {
  assert.deepEqual(parts("one [SEP] two", bert).filter(([, part]) => part !== null), [["one", "one"], ["two", "two"]]);
  assert.deepEqual(parts("[MASK]-[MASK] x -", bert).filter(([, part]) => part !== null), [["-", "-"], ["x", "x"], ["-", "-"]]);
});

test("bytes as characters: a character may be spread over tokens", () => {
  const style = { byteLevel: true, continuing: "", unknown: null, special: new Set(["<s>"]) };
  const text = "The 皮 ok";
  const spans = tokenSpans(text, ["<s>", "The", "Ġ", "ç", "ļ", "®", "Ġok"], style);
  assert.deepEqual(spans.map((span) => span && text.slice(span.start, span.end)), [null, "The", null, null, null, "皮", "ok"]);
});

test("spans are in order, do not overlap, and hold what their tokens say", () => {
  const words = fc.constantFrom("Hello", "wörld", "naïve", "3.14", "日本語", "🦕", "don't", "STRASSE", "ﬀ", "ΟΔΟΣ", "…", "c\u0327a", "한국어", "\u200b", "\t", "[MASK]", "supercalifragilistic");
  fc.assert(fc.property(fc.array(words, { maxLength: 8 }), fc.constantFrom(" ", "", "  ", "-"), (list, between) => {
    const text = list.join(between);
    const { tokens } = bert.tokenizer.encode(text, { text_pair: null, return_token_type_ids: true });
    let end = 0;
    for (const [index, span] of tokenSpans(text, tokens, bert.style).entries()) {
      if (span === null) continue;
      assert.ok(span.start >= 0 && span.end <= text.length && span.start < span.end, `${JSON.stringify(text)} ${index}`);
      assert.ok(span.end >= end, "later tokens stand later");
      end = span.end;
      const token = tokens[index]!;
      if (token !== "[UNK]") assert.ok(fold(text.slice(span.start, span.end)).includes(fold(token.replace(/^##/, ""))), `${token} in ${JSON.stringify(text.slice(span.start, span.end))} of ${JSON.stringify(text)}`);
    }
  }));
});

test("no text is too odd", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
    const { tokens } = bert.tokenizer.encode(text, { text_pair: null, return_token_type_ids: true });
    const spans = tokenSpans(text, tokens, bert.style);
    assert.equal(spans.length, tokens.length);
    for (const span of spans) if (span !== null) assert.ok(span.start >= 0 && span.start < span.end && span.end <= text.length);
  }));
});

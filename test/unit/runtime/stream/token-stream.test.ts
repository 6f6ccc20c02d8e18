import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { TokenRecord } from "../../../../runtime/host/messages.ts";
import { TokenStream, type StreamPiece } from "../../../../runtime/stream/token-stream.ts";

const tokens = (...bytes: readonly Uint8Array[]): TokenRecord[] => bytes.map((it, id) => ({ id, bytes: it }));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function run(records: readonly TokenRecord[], stops: readonly string[] = []): { pieces: StreamPiece[]; text: string; ids: number[] } {
  const stream = new TokenStream(stops);
  const pieces: StreamPiece[] = [];
  for (const record of records) {
    const piece = stream.push(record);
    pieces.push(piece);
    if (piece.stopped) break;
  }
  if (!pieces.at(-1)?.stopped) pieces.push(stream.finish());
  return { pieces, text: pieces.map((it) => it.text).join(""), ids: pieces.flatMap((it) => it.tokens.map((token) => token.id)) };
}

/** Cuts the bytes at any places into tokens. */
function split(bytes: Uint8Array, at: readonly number[]): TokenRecord[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return tokens(...places.slice(1).map((end, index) => bytes.slice(places[index], end)));
}

const codePoint = fc.oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }));
const anyText = fc.array(codePoint).map((points) => String.fromCodePoint(...points));
const cuts = fc.array(fc.nat(1000), { maxLength: 30 });
const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

describe("token stream", () => {
  test("a character that spans tokens is shown with its last one", () => {
    const [first, second, third] = [Uint8Array.of(0xf0, 0x9f), Uint8Array.of(0x98), Uint8Array.of(0x80, 0x21)];
    const { pieces } = run(tokens(first, second, third));
    assert.deepEqual(pieces.map((it) => it.text), ["", "", "😀!", ""]);
    assert.deepEqual(pieces.map((it) => it.tokens.length), [0, 0, 3, 0]);
  });

  test("an answer that ends in the middle of a character ends with U+FFFD", () => {
    assert.equal(run(tokens(utf8("a"), Uint8Array.of(0xe2, 0x82))).text, "a\ufffd");
  });

  test("text cut anywhere reads as if decoded at once, with every token once and in order", () => {
    fc.assert(fc.property(anyText, cuts, (text, at) => {
      const records = split(utf8(text), at);
      const { text: shown, ids } = run(records);
      assert.equal(shown, text);
      assert.deepEqual(ids, records.map((it) => it.id));
    }));
  });

  test("bytes that are no UTF-8 become U+FFFD, as a TextDecoder has it", () => {
    const bytes = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0xc3, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0xff, 0xed, 0xa0)), { maxLength: 40 });
    fc.assert(fc.property(bytes, cuts, (values, at) => {
      const all = Uint8Array.from(values);
      assert.equal(run(split(all, at)).text, decode(all));
    }), { numRuns: 500 });
  });

  test("the tokens of a stop string are not part of the answer, nor of any piece", () => {
    const { pieces, text, ids } = run(tokens(utf8("one"), utf8(" two\n"), utf8("\nUs"), utf8("er:")), ["\n\nUser:"]);
    assert.equal(text, "one two");
    assert.deepEqual(ids, [0, 1]);
    assert.deepEqual(pieces.map((it) => it.text), ["one", " two", "", ""]);
    assert.deepEqual(pieces.map((it) => it.tokens.map((token) => token.id)), [[0], [], [], [1]]);
  });

  test("with stop strings, streamed text is the whole text's cut, however tokens split it", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "é", "€", "😀") });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "€", "😀"), minLength: 1, maxLength: 3 }), { maxLength: 3 });
    fc.assert(fc.property(text, stops, cuts, (whole, stopStrings, at) => {
      const atOnce = run(tokens(utf8(whole)), stopStrings).text;
      assert.equal(run(split(utf8(whole), at), stopStrings).text, atOnce);
      for (const stop of stopStrings) assert.ok(!atOnce.includes(stop));
    }), { numRuns: 500 });
  });

  test("a stop string that only the end completes still cuts", () => {
    assert.equal(run(tokens(utf8("a"), Uint8Array.of(0xe2)), ["\ufffd"]).text, "a");
  });
});

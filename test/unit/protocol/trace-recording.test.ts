import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pieceBytes, readRecording } from "../../../protocol/read-recording.ts";
import {
  decodeParts, decodePrompt, decodeTokens, decodeVitals, encodeParts, encodePrompt, encodeTokens, encodeVitals, type TokenRow, type VitalsRow,
} from "../../../protocol/trace-recording.ts";
import { chosenByNames, guessNames, TraceTokens } from "../../../protocol/trace-tokens.ts";

const plain = { noNullPrototype: true } as const;
const id = fc.nat(0xffff_ffff);
const small = fc.float({ min: -100, max: 0 });
const row: fc.Arbitrary<TokenRow> = fc.record({
  id, logprob: small, entropy: small, top: fc.array(fc.record({ id, logprob: small }, plain), { maxLength: 5 }), chosenBy: fc.constantFrom(...chosenByNames),
  guess: fc.constantFrom(...guessNames), timeUs: fc.double({ min: 0, max: 1e15, noNaN: true }), step: fc.nat(0xffff_ffff), batch: fc.nat(0xffff),
  cells: fc.nat(0xffff_ffff), poolCells: fc.nat(0xffff_ffff),
}, plain);
const pieceOf = (token: number): Uint8Array => Uint8Array.from({ length: token % 5 }, (_, index) => (token >> (8 * index)) & 255);
const look: fc.Arbitrary<VitalsRow> = fc.record({
  timeUs: fc.nat(), loopDelayUs: fc.nat(), rssBytes: fc.option(fc.nat()), cells: fc.nat(), cellsInAll: fc.nat(), sequences: fc.nat(), threads: fc.option(fc.nat()),
  othersBusy: fc.option(fc.double({ min: 0, max: 64, noNaN: true })),
}, plain);

test("tokens come back as they were, with the bytes of every token that is named", () => {
  fc.assert(fc.property(fc.nat(0xffff), fc.array(row, { maxLength: 40 }), (answer, rows) => {
    const block = decodeTokens(encodeTokens(answer, rows, pieceOf));
    assert.deepEqual([block.answer, block.rows], [answer, rows]);
    const named = new Set(rows.flatMap((each) => [each.id, ...each.top.map((other) => other.id)]));
    assert.deepEqual(new Set(block.pieces?.keys()), named);
    for (const [token, bytes] of block.pieces ?? []) assert.deepEqual(new Uint8Array(bytes), pieceOf(token));
  }));
});

test("without text there is no id, no candidate and no piece in the bytes", () => {
  fc.assert(fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
    const bytes = encodeTokens(0, rows, null);
    const anonymous = rows.map((each) => ({ ...each, id: -1, top: [] }));
    assert.deepEqual(decodeTokens(bytes), { answer: 0, rows: anonymous, pieces: null });
    assert.deepEqual(bytes, encodeTokens(0, rows.map((each) => ({ ...each, id: 7, top: [] })), null));
  }));
});

test("prompts, vitals and parts come back as they were", () => {
  fc.assert(fc.property(fc.array(id, { maxLength: 100 }), fc.array(look, { maxLength: 20 }), (ids, looks) => {
    const bytes = encodeParts([["prompt", encodePrompt(ids, pieceOf)], ["vitals", encodeVitals(looks)]]);
    const [prompt, vitals] = decodeParts(bytes);
    assert.deepEqual(decodePrompt(prompt?.[1] ?? new Uint8Array()).ids, ids);
    assert.deepEqual(decodeVitals(vitals?.[1] ?? new Uint8Array()), looks);
  }));
});

test("bytes that are cut off, changed or anything else are refused or read, and claim no memory", () => {
  const facts = { id: "t", recording: "full", live: false, complete: true, startUs: 0, cached: 0 } as const;
  const whole = fc.array(row, { maxLength: 5 }).map((rows) => encodeParts([["tokens", encodeTokens(0, rows, pieceOf)]]));
  const broken = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.tuple(whole, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => bytes.with(at % bytes.length, value)),
    fc.tuple(whole, fc.nat()).map(([bytes, length]) => bytes.slice(0, length % bytes.length)),
  );
  fc.assert(fc.property(broken, (bytes) => {
    try {
      TraceTokens.parse(readRecording(facts, bytes));
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error));
    }
  }), { numRuns: 1000 });
  const claims = encodeParts([["tokens", Uint8Array.of(1, 0, 0, 255, 255, 255, 255)]]);
  assert.throws(() => readRecording(facts, claims), { name: "RangeError", message: /4294967295 values of 32 bytes are said to follow/ });
});

test("columns: one answer or all, times from the trace's start, what JSON cannot say as null, half characters with their bytes", () => {
  const token = (more: Partial<TokenRow>): TokenRow => ({ id: 1, logprob: -1, entropy: 2, top: [], chosenBy: "draw", guess: "none", timeUs: 1500, step: 3, batch: 2, cells: 9, poolCells: 20, ...more });
  const texts = new Map([[1, "é"], [2, ""], [3, ""]].map(([key, text]) => [Number(key), new TextEncoder().encode(String(text))] as const)).set(2, Uint8Array.of(0xc3));
  const of = (each: number): Uint8Array => texts.get(each) ?? new Uint8Array();
  const bytes = encodeParts([
    ["prompt", encodePrompt([3, 1], of)],
    ["tokens", encodeTokens(1, [token({ id: 2, logprob: -Infinity, entropy: NaN, top: [{ id: 1, logprob: -0.5 }] })], of)],
    ["tokens", encodeTokens(0, [token({})], of)],
    ["tokens", encodeTokens(1, [token({ guess: "right", chosenBy: "grammar" })], of)],
  ]);
  const facts = { id: "t", recording: "full", live: true, complete: true, startUs: 1000, cached: 1 } as const;
  const all = readRecording(facts, bytes);
  assert.deepEqual(TraceTokens.parse(all), all);
  assert.deepEqual(all.answers.map(({ answer, ids }) => [answer, ids]), [[0, [1]], [1, [2, 1]]]);
  const one = readRecording(facts, bytes, 1).answers;
  assert.deepEqual(one, all.answers.slice(1));
  assert.deepEqual([one[0]?.logprobs, one[0]?.entropies, one[0]?.topIds, one[0]?.topLogprobs], [[null, -1], [null, 2], [[1], []], [[-0.5], []]]);
  assert.deepEqual([one[0]?.timesUs, one[0]?.chosenBy, one[0]?.guesses], [[500, 500], ["draw", "grammar"], ["none", "right"]]);
  assert.deepEqual([all.prompt, all.pieces, all.partial], [{ ids: [3, 1], cached: 1 }, { 1: "é", 2: "\ufffd", 3: "" }, { 2: "c3" }]);
  assert.deepEqual([pieceBytes(all, 1), pieceBytes(all, 2)], [new TextEncoder().encode("é"), Uint8Array.of(0xc3)]);
});

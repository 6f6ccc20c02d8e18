import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TimeSpan } from "../../../../../../protocol/infer.ts";
import { SpeechSpans, type SpanOptions } from "../../../../../../runtime/backends/onnx/audio/speech-spans.ts";

const options: SpanOptions = { threshold: 0.5, minSpeech: 3, minSilence: 2, pad: 0.5, windowSeconds: 1 };
const spansOf = (probabilities: readonly number[], more: Partial<SpanOptions> = {}): TimeSpan[] => new SpeechSpans({ ...options, ...more }).push(Float32Array.from(probabilities));
const windows = (text: string): number[] => Array.from(text, (letter) => ({ ".": 0, "~": 0.4, "#": 1 }[letter] ?? 0));

test("speech from its beginning to its end, padded", () => {
  assert.deepEqual(spansOf(windows("..####....")), [{ start: 1.5, end: 6.5 }]);
});

test("what is too short is no speech, and a short silence ends none", () => {
  assert.deepEqual(spansOf(windows("..##......")), []);
  assert.deepEqual(spansOf(windows("..##.##...")), [{ start: 1.5, end: 7.5 }]);
});

test("between the two thresholds nothing begins or ends", () => {
  assert.deepEqual(spansOf(windows("~~~~~~")), []);
  assert.deepEqual(spansOf(windows("###~~~~~~###..."), { pad: 0 }), [{ start: 0, end: 12 }]);
});

test("speech ends at any threshold above 0 that silence lies below", () => {
  for (const threshold of [0.01, 0.05, 0.15, 0.2, 0.9]) assert.deepEqual(spansOf([...windows("###"), 0.004, 0.004, 0.004], { threshold, pad: 0 }), [{ start: 0, end: 3 }], String(threshold));
  // Between the thresholds, which are 0.1 and 0.05, it goes on.
  assert.deepEqual(spansOf([1, 1, 1, 0.06, 0.06, 0.06], { threshold: 0.1, pad: 0 }), [{ start: 0, end: 6 }]);
});

test("speech that goes on ends where the sound does so far", () => {
  assert.deepEqual(spansOf(windows("...####"), { pad: 0 }), [{ start: 3, end: 7 }]);
});

const probabilities = fc.array(fc.constantFrom(0, 0.2, 0.4, 0.6, 0.9), { maxLength: 120 });
const someOptions = fc.record({ minSpeech: fc.nat(6), minSilence: fc.nat(6), pad: fc.double({ min: 0, max: 4, noNaN: true }) });

test("spans are in order, apart, and within the sound", () => {
  fc.assert(fc.property(probabilities, someOptions, (values, more) => {
    let end = 0;
    for (const span of spansOf(values, more)) {
      assert.ok(span.start >= end - 1e-9 && span.end > span.start - 1e-9 && span.end <= values.length, JSON.stringify(span));
      end = span.end;
    }
  }));
});

test("in pieces, the last word on each span is what the whole says", () => {
  fc.assert(fc.property(fc.array(probabilities, { maxLength: 8 }), someOptions, (pieces, more) => {
    const said = new Map<number, TimeSpan>();
    let spans = new SpeechSpans({ ...options, ...more });
    for (const piece of pieces) {
      for (const span of spans.push(Float32Array.from(piece))) said.set(span.start, span);
      spans = new SpeechSpans({ ...options, ...more }, spans.state);
    }
    assert.deepEqual([...said.values()], spansOf(pieces.flat(), more));
  }));
});

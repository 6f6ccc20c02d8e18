import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { StopStrings } from "../../../../runtime/stream/stop-strings.ts";

/** What a stream of these pieces shows, and what it shows after each piece. */
function stream(pieces: readonly string[], stops: readonly string[]): { shown: string; stopped: boolean; after: string[] } {
  const filter = new StopStrings(stops);
  const after: string[] = [];
  let shown = "";
  for (const piece of pieces) {
    const { text, stopped } = filter.push(piece);
    shown += text;
    after.push(shown);
    if (stopped) return { shown, stopped, after };
  }
  return { shown: shown + filter.flush(), stopped: false, after };
}

/** The definition: reading character by character, the first stop string that is complete cuts, the longest if several are. */
function cut(text: string, stops: readonly string[]): string {
  for (let end = 1; end <= text.length; end += 1) {
    const found = stops.filter((stop) => text.slice(0, end).endsWith(stop));
    if (found.length > 0) return text.slice(0, end - Math.max(...found.map((stop) => stop.length)));
  }
  return text;
}

/** Few letters, so that stop strings occur, overlap and nearly occur. */
const letters = (size: fc.StringConstraints): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom("a", "b", "c"), ...size });
const pieces = fc.array(letters({ maxLength: 5 }), { maxLength: 20 });
const stops = fc.array(letters({ minLength: 1, maxLength: 6 }), { maxLength: 4 });

describe("stop strings", () => {
  test("a stop string that spans pieces never shows, not even its beginning", () => {
    const { shown, stopped, after } = stream(["Hello", " wor", "ld.\n", "\nUs", "er: hi"], ["\n\nUser:"]);
    assert.deepEqual(after, ["Hello", "Hello wor", "Hello world.", "Hello world.", "Hello world."]);
    assert.equal(shown, "Hello world.");
    assert.ok(stopped);
  });

  test("a beginning that turns out to be none is shown", () => {
    assert.deepEqual(stream(["a<", "|im", "_start"], ["<|im_end|>"]).after, ["a", "a", "a<|im_start"]);
  });

  test("what is held back when the answer ends is shown", () => {
    assert.equal(stream(["1 <", "|"], ["<|im_end|>"]).shown, "1 <|");
  });

  test("of two stop strings that end together the longer one cuts", () => {
    assert.equal(stream(["xEND", "OF"], ["OF", "ENDOF"]).shown, "x");
  });

  test("half a surrogate pair and an empty string stop nothing", () => {
    assert.equal(stream(["a😀b"], ["\ude00", ""]).shown, "a😀b");
  });

  test("the cut does not depend on how the text was split", () => {
    fc.assert(fc.property(pieces, stops, (split, stopStrings) => {
      assert.equal(stream(split, stopStrings).shown, cut(split.join(""), stopStrings));
    }), { numRuns: 1000 });
  });

  test("no more is held back than might be a stop string", () => {
    fc.assert(fc.property(pieces, stops, (split, stopStrings) => {
      const { after, stopped } = stream(split, stopStrings);
      const open = stopped ? after.slice(0, -1) : after;
      for (const [index, shown] of open.entries()) {
        const seen = split.slice(0, index + 1).join("");
        const held = seen.slice(shown.length);
        assert.ok(seen.startsWith(shown));
        assert.ok(held === "" || stopStrings.some((stop) => stop.startsWith(held) && stop !== held));
      }
    }));
  });
});

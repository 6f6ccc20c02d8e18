import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { parseJson } from "../../../../runtime/http/body.ts";
import { jsonErrorOffset } from "../../../../runtime/http/json-position.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

it("finds nothing in JSON", () => {
  fc.assert(fc.property(fc.json(), fc.integer({ min: 0, max: 3 }), (text, indent) => {
    assert.equal(jsonErrorOffset(JSON.stringify(JSON.parse(text), null, indent)), null);
  }));
});

it("agrees with JSON.parse on what is JSON, for JSON with one character changed", () => {
  fc.assert(fc.property(fc.json(), fc.nat(), fc.constantFrom(...Array.from("{}[]\",:0-.eEtn\\u\u0001 "), ""), (text, at, char) => {
    const index = at % text.length;
    const changed = text.slice(0, index) + char + text.slice(index + 1);
    assert.equal(jsonErrorOffset(changed) === null, isJson(changed), changed);
  }), { numRuns: 1000 });
});

it("what comes before the offset is the beginning of some JSON: cutting there is an early end", () => {
  fc.assert(fc.property(fc.json(), fc.nat(), (text, at) => {
    const cut = text.slice(0, at % (text.length + 1));
    const offset = jsonErrorOffset(cut);
    // A number or a word may be cut in its middle; anything else ends too early.
    if (offset !== null && !/[\d.eE+\-a-z]$|\\u?\w*$/.test(cut)) assert.equal(offset, cut.length, cut);
  }));
});

it("reads a string of megabytes without a stack", () => {
  assert.equal(jsonErrorOffset(`["${"é\\n".repeat(3_000_000)}"]`), null);
});

it("says where, in lines and columns", () => {
  const message = (text: string) => {
    try {
      return parseJson(text);
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(message('{"a": 1,\n "b": x}'), 'The body is not JSON: unexpected "x" at line 2, column 7.');
  assert.equal(message('{"a": [1, 2'), "The body is not JSON: it ends too early at line 1, column 12.");
  assert.equal(message("{} {}"), 'The body is not JSON: unexpected "{" at line 1, column 4.');
  assert.deepEqual(message("[true]"), [true]);
});

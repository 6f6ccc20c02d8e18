import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { ErrorBody, errorCodes, errorTable, InfernoError } from "../../../protocol/errors.ts";

test("every error survives the way over the wire", () => {
  fc.assert(fc.property(fc.constantFrom(...errorCodes), fc.string(), fc.option(fc.string()), (code, message, param) => {
    const sent = new InfernoError(code, message, { param });
    const received = InfernoError.fromBody(ErrorBody.parse(JSON.parse(JSON.stringify(sent.toBody()))));
    assert.deepEqual([received.code, received.message, received.param, received.hint], [code, message, param, errorTable[code].hint]);
  }));
});

test("every row has a sentence for when and for what to do", () => {
  for (const code of errorCodes) {
    const { when, hint } = errorTable[code];
    for (const text of [when, hint]) assert.match(text, /[.]$/, `${code}: ${text}`);
  }
});

test("a stranger becomes `internal` and keeps its cause", () => {
  const cause = new TypeError("x is undefined");
  const error = InfernoError.from(cause);
  assert.equal(error.code, "internal");
  assert.equal(error.cause, cause);
});

test("the reference documents exactly the codes of the table", () => {
  const page = readFileSync(new URL("../../../docs/reference/errors.md", import.meta.url), "utf8");
  const documented = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  assert.deepEqual(documented, errorCodes);
});

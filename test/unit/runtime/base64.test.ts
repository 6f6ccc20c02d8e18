import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import fc from "fast-check";
import { base64Bytes } from "../../../runtime/base64.ts";
import { bytesOf } from "../../../runtime/http/media.ts";

suite("base64", () => {
  test("property: bytes come back, padded or not", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString("base64");
      for (const each of [text, text.replaceAll("=", "")]) assert.deepEqual([...(base64Bytes(each) ?? [])], [...bytes]);
    }));
  });

  test("what is none is refused", () => {
    for (const text of ["A", "AAAAA", "AA=A", "A===", "AA=", "AAA==", "=", "====", "-_-_", "AA AA", "ÄÖÜ4"]) assert.equal(base64Bytes(text), null, text);
  });

  test("a file of ten megabytes, as a field and as a data URL with line ends", () => {
    const bytes = randomBytes(10 * 2 ** 20);
    const text = bytes.toString("base64");
    assert.ok(bytes.equals(bytesOf(text, "image")));
    assert.ok(bytes.equals(bytesOf(`data:image/jpeg;base64,${text.replaceAll(/.{76}/g, "$&\n")}`, "image")));
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { attributeOf, attributesOf, joinAttributes, packAttributes } from "../../../../protocol/panels/flame-attributes.ts";

const attributes = fc.dictionary(fc.constantFrom("batch", "token", "reason", "a b"), fc.oneof(fc.double({ noNaN: true }), fc.string(), fc.boolean()), { noNullPrototype: true });
const spans = fc.array(fc.record({ attributes: fc.option(attributes, { nil: undefined }) }), { maxLength: 30 });
const unpacked = (list: readonly { readonly attributes?: Record<string, string | number | boolean> | undefined }[]) => list.map((span) => Object.entries(span.attributes ?? {}));

test("what was packed comes out again, pair by pair", () => {
  fc.assert(fc.property(spans, (list) => {
    const table = packAttributes(list);
    assert.deepEqual(list.map((_, at) => attributesOf(table, at)), unpacked(list));
    for (const [at, span] of list.entries()) for (const key of ["batch", "reason"]) assert.deepEqual(attributeOf(table, at, key), span.attributes?.[key]);
  }));
});

test("two tables joined are the one after the other", () => {
  fc.assert(fc.property(spans, spans, (first, second) => {
    const table = joinAttributes(packAttributes(first), packAttributes(second));
    assert.deepEqual([...first, ...second].map((_, at) => attributesOf(table, at)), unpacked([...first, ...second]));
  }));
});

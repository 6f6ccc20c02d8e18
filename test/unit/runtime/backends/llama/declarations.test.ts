import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readDeclarations } from "../../../../../runtime/backends/llama/native/declarations.ts";

const header = `
#pragma once
#define LIMIT 64
#define MASK 0x10u
#define TEXT "not a number"
#define F(x) \\
    do_something(x)
#ifdef __cplusplus
extern "C" {
#endif
    struct thing; // opaque; with a semicolon and a { in the comment
    typedef struct thing * thing_t;
    typedef int32_t id_t; /* several
      lines */
    typedef bool (*progress)(float fraction, void * user_data);
    enum color { RED = -1, GREEN, BLUE = 1 << 3, LAST = BLUE, };
    struct options {
        const struct thing ** things; // pointers
        enum color color;
        char name[LIMIT];
        progress callback;
    };
    struct packed { int32_t words[LIMIT / sizeof(int32_t)]; };
    typedef struct point { float x; float y; } point;
    struct mixed { union { int a; float b; }; };
    API_UNKNOWN int odd(int value);
    LLAMA_API struct point * move(
        const struct thing * thing,
                     id_t   id,
                const char * text);
    LLAMA_API void nothing(void);
    DEPRECATED(LLAMA_API int old(int value), "use move instead");
    LLAMA_API int variadic(const char * format, ...);
#ifdef __cplusplus
}
#endif
`;
const plain = (base: string, pointers = 0, isConst = false) => ({ base, pointers, isConst });

test("structs, enums, callbacks and functions are read; what is not understood is left out", () => {
  const found = readDeclarations([header]);
  assert.deepEqual(found.structs.get("options"), [
    { name: "things", type: plain("thing", 2, true) },
    { name: "color", type: plain("color") },
    { name: "name", type: { ...plain("char"), length: 64 } },
    { name: "callback", type: plain("progress") },
  ]);
  assert.deepEqual(found.structs.get("packed"), [{ name: "words", type: { ...plain("int32_t"), length: 16 } }]);
  assert.deepEqual(found.structs.get("point"), [{ name: "x", type: plain("float") }, { name: "y", type: plain("float") }]);
  assert.deepEqual([...(found.enums.get("color") ?? [])], [["RED", -1], ["GREEN", 0], ["BLUE", 8], ["LAST", 8]]);
  assert.deepEqual(found.callbacks.get("progress"), {
    result: plain("bool"),
    parameters: [{ name: "fraction", type: plain("float") }, { name: "user_data", type: plain("void", 1) }],
  });
  assert.deepEqual(found.functions.get("move"), {
    result: plain("point", 1),
    parameters: [
      { name: "thing", type: plain("thing", 1, true) },
      { name: "id", type: plain("id_t") },
      { name: "text", type: plain("char", 1, true) },
    ],
  });
  assert.deepEqual(found.functions.get("nothing")?.parameters, []);
  assert.deepEqual(found.typedefs.get("thing_t"), plain("thing", 1));
  assert.deepEqual([...found.constants], [["LIMIT", 64], ["MASK", 16]]);
  for (const name of ["old", "variadic", "odd"]) assert.equal(found.functions.has(name), false, name);
  assert.equal(found.structs.has("mixed"), false);
});

test("any struct of scalars, pointers and arrays reads back, whatever the layout of the text", () => {
  const keywords = ["struct", "enum", "const", "static", "inline", "extern", "volatile"];
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/).filter((word) => !keywords.includes(word));
  const type = fc.record({
    base: fc.constantFrom("int32_t", "float", "bool", "uint8_t", "llama_token"),
    pointers: fc.nat(2),
    isConst: fc.boolean(),
    length: fc.option(fc.integer({ min: 1, max: 999 }), { nil: undefined }),
  });
  const space = fc.constantFrom(" ", "\n", "\t  ", " /* ; } */ ", " // struct x {\n");
  const members = fc.uniqueArray(fc.tuple(name, type), { selector: ([field]) => field, minLength: 1, maxLength: 8 });
  fc.assert(fc.property(name, members, space, (struct, fields, gap) => {
    const lines = fields.map(([field, { base, pointers, isConst, length }]) =>
      [isConst ? "const" : "", base, "*".repeat(pointers), field, length === undefined ? "" : `[${length}]`, ";"].join(gap));
    const source = `struct${gap}${struct}${gap}{${gap}${lines.join(gap)}${gap}};`;
    const read = readDeclarations([source]).structs.get(struct);
    assert.deepEqual(
      read?.map(({ name: field, type: found }) => [field, { length: undefined, ...found }]),
      fields.map(([field, expected]) => [field, { ...expected }]),
    );
  }));
});

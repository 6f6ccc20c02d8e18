import assert from "node:assert/strict";
import { test } from "node:test";
import { readDeclarations } from "../../../../../runtime/backends/llama/native/declarations.ts";
import { emitBinding } from "../../../../../runtime/backends/llama/native/emit-binding.ts";
import type { Wanted } from "../../../../../runtime/backends/llama/native/wanted.ts";

const declarations = readDeclarations([`
  #define LIMIT 8
  typedef int32_t token;
  typedef void (*log_callback)(enum level level, const char * text, void * user_data);
  enum level { QUIET, LOUD = 5 };
  struct inner { bool on; };
  struct batch { int32_t n; token * tokens; enum level level; struct inner inner; size_t size; bool mask[4]; log_callback log; };
  LLAMA_API int32_t decode(struct ctx * ctx, struct batch batch);
  LLAMA_API const char * describe(const struct ctx * ctx, const char * key, const char * text, int32_t text_len);
`]);
const wanted: Wanted = {
  headers: [],
  functions: { llama: ["decode", "describe"], ggml: [], ggmlBase: [] },
  prototypes: ["log_callback"],
  enums: ["level"],
  constants: ["LIMIT"],
  structs: [],
  bytes: ["describe.text"],
};

test("the binding of a small header, line by line", () => {
  const lines = emitBinding(declarations, wanted, "v1.2.3").split("\n");
  const expected = [
    'export const release = "v1.2.3";',
    "export const LIMIT = 8;",
    "export const level = {",
    "  QUIET: 0, LOUD: 5,",
    "export interface batch {",
    "  tokens: Memory;",
    "  level: number;",
    "  inner: inner;",
    "  size: Wide;",
    "  mask: boolean[];",
    "  log: Memory;",
    "  readonly decode: (ctx: Memory, batch: batch) => number;",
    "  readonly describe: (ctx: Memory, key: string | null, text: Memory, text_len: number) => string | null;",
    "  const batch = struct({",
    '    tokens: "void *",',
    '    level: "int",',
    "    inner: inner,",
    '    mask: array("bool", 4),',
    '      log_callback: proto("void", ["int", "const char *", "void *"]),',
    '    decode: llama.func("decode", "int32_t", ["void *", batch]),',
    '    describe: llama.func("describe", "const char *", ["void *", "const char *", "void *", "int32_t"]),',
  ];
  for (const line of expected) assert.ok(lines.includes(line), `missing: ${line}`);
  // A struct must be declared before the one that contains it.
  assert.ok(lines.indexOf("  const inner = struct({") < lines.indexOf("  const batch = struct({"));
});

test("what the headers do not declare is an error that names it", () => {
  assert.throws(() => emitBinding(declarations, { ...wanted, enums: ["missing_enum"] }, "v1"), /no enum "missing_enum"/);
  const functions = { ...wanted.functions, ggml: ["missing_function"] };
  assert.throws(() => emitBinding(declarations, { ...wanted, functions }, "v1"), /no function "missing_function"/);
});

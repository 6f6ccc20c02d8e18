import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { costOf, isView, type Operand } from "../../../../../../runtime/backends/llama/ops/cost.ts";
import { ggml_op } from "../../../../../../runtime/backends/llama/native/llama.generated.ts";

const f32 = (...ne: number[]): Operand => ({ ne: [ne[0] ?? 1, ne[1] ?? 1, ne[2] ?? 1, ne[3] ?? 1], elementBytes: 4 });
const q8 = (...ne: number[]): Operand => ({ ...f32(...ne), elementBytes: 34 / 32 });
const f16 = (...ne: number[]): Operand => ({ ...f32(...ne), elementBytes: 2 });
const node = (op: keyof typeof ggml_op, result: Operand, ...sources: (Operand | null)[]) => costOf({ op: ggml_op[op], result, sources });

describe("bytes and operations of a node", () => {
  test("a matrix by a vector: the matrix once, a product and a sum for each weight", () => {
    assert.deepEqual(node("GGML_OP_MUL_MAT", f32(512), q8(256, 512), f32(256)), { bytes: 256 * 512 * 34 / 32 + 256 * 4 + 512 * 4, flops: 2 * 256 * 512 });
  });

  test("a matrix by a batch: the weights count once, the work for each of them", () => {
    const one = node("GGML_OP_MUL_MAT", f32(512, 1), f32(256, 512), f32(256, 1));
    const eight = node("GGML_OP_MUL_MAT", f32(512, 8), f32(256, 512), f32(256, 8));
    assert.equal(eight.flops, 8 * Number(one.flops));
    assert.equal(eight.bytes - one.bytes, 7 * (256 + 512) * 4);
  });

  test("experts: those that tokens chose, and never more than there are", () => {
    const experts = f32(64, 32, 8);
    const few = node("GGML_OP_MUL_MAT_ID", f32(32, 2, 1), experts, f32(64, 1, 1), { ne: [2, 1, 1, 1], elementBytes: 4 });
    assert.equal(few.bytes, (64 * 32 * 8 * 4) * (2 / 8) + 64 * 4 + 2 * 4 + 32 * 2 * 4);
    assert.equal(few.flops, 2 * 64 * 32 * 2);
    const many = node("GGML_OP_MUL_MAT_ID", f32(32, 2, 100), experts, f32(64, 1, 100), { ne: [2, 100, 1, 1], elementBytes: 4 });
    assert.equal(many.bytes, 64 * 32 * 8 * 4 + 64 * 100 * 4 + 200 * 4 + 32 * 200 * 4);
  });

  test("attention: scores and values for each head of the query and each cell", () => {
    const cost = node("GGML_OP_FLASH_ATTN_EXT", f32(32, 8), f32(32, 1, 8), f16(32, 256, 2), f16(32, 256, 2), f16(256));
    assert.equal(cost.flops, 2 * (32 + 32) * 256 * 8);
    assert.equal(cost.bytes, 32 * 8 * 4 + 32 * 8 * 4 + 2 * 32 * 256 * 2 * 2 + 256 * 2);
  });

  test("rows that are looked up or written are touched alone, not their table", () => {
    assert.equal(node("GGML_OP_GET_ROWS", f32(256, 2), q8(256, 100_000), { ne: [2, 1, 1, 1], elementBytes: 4 }).bytes, 512 * 34 / 32 + 8 + 512 * 4);
    assert.equal(node("GGML_OP_SET_ROWS", f16(64, 2048), f32(64, 1), { ne: [1, 1, 1, 1], elementBytes: 8 }, f16(64, 2048)).bytes, 64 * 4 + 8 + 64 * 2);
    assert.equal(node("GGML_OP_CPY", f16(64), f32(64), f16(64)).bytes, 64 * 4 + 64 * 2);
  });

  test("elementwise, norms and rotations by their elements; operands that are left out cost nothing", () => {
    const counts = { GGML_OP_ADD: 1, GGML_OP_MUL: 1, GGML_OP_RMS_NORM: 3, GGML_OP_NORM: 5, GGML_OP_ROPE: 3, GGML_OP_SOFT_MAX: 5, GGML_OP_UNARY: 4, GGML_OP_GLU: 5 } as const;
    for (const [op, count] of Object.entries(counts)) {
      assert.deepEqual(node(op as keyof typeof counts, f32(10, 3), f32(10, 3), null), { bytes: 240, flops: 30 * count }, op);
    }
  });

  test("an operator without a formula has bytes and no operations; a view has neither", () => {
    assert.deepEqual(node("GGML_OP_RWKV_WKV7", f32(10), f32(10), f32(5)), { bytes: 100, flops: null });
    assert.deepEqual(node("GGML_OP_VIEW", f32(10), f32(10)), { bytes: 0, flops: 0 });
  });

  test("whatever the operator and the shapes: finite, never negative", () => {
    const size = fc.integer({ min: 0, max: 1 << 16 });
    const operand = fc.record({ ne: fc.tuple(size, size, size, size), elementBytes: fc.constantFrom(0.5625, 1, 2, 4, 8) });
    fc.assert(fc.property(fc.integer({ min: 0, max: ggml_op.GGML_OP_COUNT }), operand, fc.array(fc.option(operand), { maxLength: 10 }), (op, result, sources) => {
      const { bytes, flops } = costOf({ op, result, sources });
      assert.ok(Number.isFinite(bytes) && bytes >= 0);
      assert.ok(flops === null || (Number.isFinite(flops) && flops >= 0));
      if (isView(op)) assert.equal(bytes, 0);
    }));
  });
});

import { ggml_op } from "../native/llama.generated.ts";

/** A tensor of a graph: four sizes, the fastest first, and bytes per element (a fraction where elements share a block). */
export interface Operand {
  readonly ne: readonly [number, number, number, number];
  readonly elementBytes: number;
}

export interface Node {
  readonly op: number;
  readonly result: Operand;
  /** By their place; null where an operand is left out. */
  readonly sources: readonly (Operand | null)[];
}

export interface Cost {
  readonly bytes: number;
  /** Null where there is no formula. */
  readonly flops: number | null;
}

const elements = ({ ne }: Operand): number => ne[0] * ne[1] * ne[2] * ne[3];
const bytesOf = (operand: Operand | null | undefined): number => (operand ? elements(operand) * operand.elementBytes : 0);
const allBytes = ({ result, sources }: Node): number => bytesOf(result) + sources.reduce((sum, source) => sum + bytesOf(source), 0);

/** So many operations for each element of the result. */
const each = (count: number) => ({ result }: Node): number => count * elements(result);
/** Each element of the result is a product and a sum over the first size of the first source. */
const product = ({ result, sources }: Node): number => 2 * (sources[0]?.ne[0] ?? 0) * elements(result);

type Formula = (node: Node) => number;

const {
  GGML_OP_ADD, GGML_OP_ADD1, GGML_OP_ADD_ID, GGML_OP_SUB, GGML_OP_MUL, GGML_OP_DIV, GGML_OP_SQR, GGML_OP_SQRT, GGML_OP_SCALE, GGML_OP_CLAMP, GGML_OP_SUM,
  GGML_OP_SUM_ROWS, GGML_OP_MEAN, GGML_OP_NORM, GGML_OP_RMS_NORM, GGML_OP_L2_NORM, GGML_OP_MUL_MAT, GGML_OP_MUL_MAT_ID, GGML_OP_OUT_PROD, GGML_OP_SOFT_MAX,
  GGML_OP_ROPE, GGML_OP_FLASH_ATTN_EXT, GGML_OP_UNARY, GGML_OP_GLU, GGML_OP_GET_ROWS, GGML_OP_SET_ROWS, GGML_OP_CPY, GGML_OP_CONT, GGML_OP_DUP,
  GGML_OP_NONE, GGML_OP_RESHAPE, GGML_OP_VIEW, GGML_OP_PERMUTE, GGML_OP_TRANSPOSE, GGML_OP_CONCAT, GGML_OP_REPEAT, GGML_OP_PAD, GGML_OP_ARGSORT, GGML_OP_TOP_K,
  GGML_OP_SSM_CONV,
} = ggml_op;

/** Floating-point operations; an exponential, a root or a division is one. What is not here has no formula, and its bytes are counted alone. */
const flops: ReadonlyMap<number, Formula> = new Map<number, Formula>([
  [GGML_OP_MUL_MAT, product],
  [GGML_OP_MUL_MAT_ID, product],
  [GGML_OP_OUT_PROD, ({ result, sources }) => 2 * (sources[0]?.ne[1] ?? 0) * elements(result)],
  // Scores (a product over the key's size) and the weighted sum of values, for every query and cell. Masked cells count: the shapes do not know them.
  [GGML_OP_FLASH_ATTN_EXT, ({ sources: [query, key, value] }) => (query && key && value
    ? 2 * (key.ne[0] + value.ne[0]) * key.ne[1] * query.ne[1] * query.ne[2] * query.ne[3] : 0)],
  // Scale, greatest, difference, exponential and sum, then a division.
  [GGML_OP_SOFT_MAX, each(5)],
  // Mean, difference, square, sum, multiplication.
  [GGML_OP_NORM, each(5)],
  [GGML_OP_RMS_NORM, each(3)],
  [GGML_OP_L2_NORM, each(3)],
  // A pair is turned with four multiplications and two additions.
  [GGML_OP_ROPE, each(3)],
  ...[GGML_OP_ADD, GGML_OP_ADD1, GGML_OP_ADD_ID, GGML_OP_SUB, GGML_OP_MUL, GGML_OP_DIV, GGML_OP_SQR, GGML_OP_SQRT, GGML_OP_SCALE].map((op): [number, Formula] => [op, each(1)]),
  [GGML_OP_CLAMP, each(2)],
  ...[GGML_OP_SUM, GGML_OP_SUM_ROWS, GGML_OP_MEAN].map((op): [number, Formula] => [op, ({ sources: [source] }) => (source ? elements(source) : 0)]),
  // As SiLU: sign, exponential, sum, division. Others take fewer or more.
  [GGML_OP_UNARY, each(4)],
  [GGML_OP_GLU, each(5)],
  [GGML_OP_SSM_CONV, ({ result, sources }) => 2 * (sources[1]?.ne[0] ?? 0) * elements(result)],
  ...[GGML_OP_GET_ROWS, GGML_OP_SET_ROWS, GGML_OP_CPY, GGML_OP_CONT, GGML_OP_DUP, GGML_OP_CONCAT, GGML_OP_REPEAT, GGML_OP_PAD, GGML_OP_ARGSORT, GGML_OP_TOP_K]
    .map((op): [number, Formula] => [op, () => 0]),
]);

/** Bytes of those that do not touch each operand as a whole. */
const bytes: ReadonlyMap<number, Formula> = new Map<number, Formula>([
  // Rows of the first source, as many as there are in the result.
  [GGML_OP_GET_ROWS, ({ result, sources: [table, rows] }) => elements(result) * (table?.elementBytes ?? 0) + bytesOf(rows) + bytesOf(result)],
  // The result is all that the rows are written into; only they are touched.
  [GGML_OP_SET_ROWS, ({ result, sources: [written, rows] }) => bytesOf(written) + bytesOf(rows) + (written ? elements(written) * result.elementBytes : 0)],
  // Its second source is where it writes.
  [GGML_OP_CPY, ({ result, sources: [from] }) => bytesOf(from) + bytesOf(result)],
  // Of the experts at most as many as tokens chose.
  [GGML_OP_MUL_MAT_ID, (node) => {
    const [experts, , ids] = node.sources;
    const chosen = experts && ids ? Math.min(1, elements(ids) / experts.ne[2]) : 1;
    return allBytes(node) - (1 - chosen) * bytesOf(experts);
  }],
]);

const nothing: ReadonlySet<number> = new Set([GGML_OP_NONE, GGML_OP_RESHAPE, GGML_OP_VIEW, GGML_OP_PERMUTE, GGML_OP_TRANSPOSE]);

/** A node that only says how the bytes of another are to be seen. */
export const isView = (op: number): boolean => nothing.has(op);

/** What a node of a graph takes by its shapes: the least that it must read and write, and what it computes. */
export function costOf(node: Node): Cost {
  if (isView(node.op)) return { bytes: 0, flops: 0 };
  return { bytes: Math.round((bytes.get(node.op) ?? allBytes)(node)), flops: flops.get(node.op)?.(node) ?? null };
}

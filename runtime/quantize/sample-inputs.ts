import type { ValueInfoProto } from "onnx-buf";
import { mulberry32 } from "../../base/random.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { TensorType } from "../../protocol/infer.ts";
import { sizeOf, type Tensor, type Tensors } from "../backends/onnx/tensors.ts";
import { elementType } from "../onnx-file/element.ts";
import type { Draft } from "./draft.ts";
import { isOp, weightOf } from "./sites.ts";

export interface SampleOptions {
  /** Sizes of free dimensions, by name. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Where nothing else is known of a free dimension, such as a number of tokens. */
  readonly length: number;
  readonly count: number;
}

/** Inputs made up from what the graph declares: numbers around zero, row numbers of the tables they look up, ones for masks. */
export function sampleInputs(draft: Draft, options: SampleOptions): Tensors[] {
  const { graph, initializers } = draft.main;
  const inputs = graph.input.filter(({ name }) => !initializers.has(name));
  return Array.from({ length: options.count }, (_, seed) => {
    const random = mulberry32(seed + 1);
    return Object.fromEntries(inputs.map((input) => [input.name, sample(draft, input, options, random)]));
  });
}

function sample(draft: Draft, { name, type }: ValueInfoProto, options: SampleOptions, random: () => number): Tensor {
  const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
  const element = tensor === undefined ? undefined : elementType(tensor.elemType);
  if (tensor === undefined || element === undefined) throw unknown(name, "is not a tensor of a known type");
  const dims = (tensor.shape?.dim ?? []).map(({ value }, index, all) => (value.case === "dimValue" ? Number(value.value) : freeSize(name, value.case === "dimParam" ? value.value : "", index, all.length, options)));
  return { ...values(draft, name, element, sizeOf(dims), random), shape: dims };
}

/** One text, image or sound; nothing in a cache of earlier tokens; pictures of a usual size. */
function freeSize(input: string, dimension: string, index: number, rank: number, { sizes, length }: SampleOptions): number {
  const given = sizes[dimension] ?? sizes[`${input}.${index}`];
  if (given !== undefined) return given;
  if (index === 0 || /batch/i.test(dimension)) return 1;
  if (/past/i.test(input) || /past/i.test(dimension)) return 0;
  return rank === 4 ? (index === 1 ? 3 : 224) : length;
}

type Values = { [T in TensorType]: Omit<Extract<Tensor, { type: T }>, "shape"> }[TensorType];

function values(draft: Draft, name: string, type: string, size: number, random: () => number): Values {
  const below = /mask/i.test(name) ? null : (tableRows(draft, name) ?? 2);
  const whole = (): number => (below === null ? 1 : Math.floor(random() * below));
  const list = { length: size };
  switch (type) {
    // The sum of twelve is close enough to normally distributed.
    case "float32": return { type, data: Float32Array.from(list, () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6)) };
    case "int64": return { type, data: BigInt64Array.from(list, () => BigInt(whole())) };
    case "int32": return { type, data: Int32Array.from(list, whole) };
    case "bool": return { type, data: new Uint8Array(size).fill(1) };
    case "uint8": return { type, data: Uint8Array.from(list, () => random() * 256) };
    default: throw unknown(name, `is of ${type}`);
  }
}

/** The smallest table that an input looks up: larger numbers would be out of range there. */
function tableRows(draft: Draft, name: string): number | null {
  const { main } = draft;
  const readers = main.graph.node.filter(({ input }) => input.includes(name));
  const rows = readers.flatMap((node) => {
    if (isOp(node, "Gather") && node.input[1] === name) return [Number(weightOf(main, node.input[0] ?? "")?.tensor.dims[0] ?? 0n)].filter((count) => count > 0);
    return isOp(node, "Cast") || isOp(node, "Identity") || isOp(node, "Unsqueeze") ? [tableRows(draft, node.output[0] ?? "")].filter((count) => count !== null) : [];
  });
  return rows.length === 0 ? null : Math.min(...rows);
}

const unknown = (name: string, what: string): InfernoError =>
  new InfernoError("tensor_mismatch", `The input "${name}" ${what}: no values can be made up for it.`, { param: name, hint: "Give inputs with --calibrate FILE." });

/** Of a data set: as many inputs as asked for, spread over the whole. */
export function spread<T>(all: readonly T[], count: number): T[] {
  return all.length <= count ? [...all] : Array.from({ length: count }, (_, index) => all[Math.floor((index * all.length) / count)] as T);
}


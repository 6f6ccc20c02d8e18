import { halfToNumber, numberToHalf } from "../base/half.ts";
import type { TensorJson } from "../protocol/api/infer.ts";
import { InfernoError } from "../protocol/errors.ts";
import type { TensorData, TensorType } from "../protocol/infer.ts";
import { base64Bytes } from "./base64.ts";

/** How the values of each type lie in bytes, little endian. */
interface Element {
  readonly bytes: number;
  read(view: DataView, offset: number): number | bigint;
  write(view: DataView, offset: number, value: number | bigint): void;
  /** Least and greatest, for whole numbers. */
  readonly range?: readonly [bigint, bigint];
}

const whole = (bits: number, signed: boolean): readonly [bigint, bigint] => (signed ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(bits) - 1n]);

const elements: Readonly<Record<Exclude<TensorType, "string">, Element>> = {
  float64: { bytes: 8, read: (view, at) => view.getFloat64(at, true), write: (view, at, value) => view.setFloat64(at, Number(value), true) },
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true), write: (view, at, value) => view.setFloat32(at, Number(value), true) },
  float16: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)), write: (view, at, value) => view.setUint16(at, numberToHalf(Number(value)), true) },
  int64: { bytes: 8, read: (view, at) => view.getBigInt64(at, true), write: (view, at, value) => view.setBigInt64(at, BigInt(value), true), range: whole(64, true) },
  uint64: { bytes: 8, read: (view, at) => view.getBigUint64(at, true), write: (view, at, value) => view.setBigUint64(at, BigInt(value), true), range: whole(64, false) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true), write: (view, at, value) => view.setInt32(at, Number(value), true), range: whole(32, true) },
  uint32: { bytes: 4, read: (view, at) => view.getUint32(at, true), write: (view, at, value) => view.setUint32(at, Number(value), true), range: whole(32, false) },
  int16: { bytes: 2, read: (view, at) => view.getInt16(at, true), write: (view, at, value) => view.setInt16(at, Number(value), true), range: whole(16, true) },
  uint16: { bytes: 2, read: (view, at) => view.getUint16(at, true), write: (view, at, value) => view.setUint16(at, Number(value), true), range: whole(16, false) },
  int8: { bytes: 1, read: (view, at) => view.getInt8(at), write: (view, at, value) => view.setInt8(at, Number(value)), range: whole(8, true) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at), write: (view, at, value) => view.setUint8(at, Number(value)), range: whole(8, false) },
  bool: { bytes: 1, read: (view, at) => view.getUint8(at), write: (view, at, value) => view.setUint8(at, Number(value)), range: [0n, 1n] },
};

/** Throws `tensor_mismatch` where shape, type and values do not agree; `param` is the tensor's place in the body. */
export function tensorOf({ type, shape, data }: TensorJson, param: string): TensorData {
  const count = shape.reduce((product, size) => product * size, 1);
  const mismatch = (what: string) => new InfernoError("tensor_mismatch", `${param}: ${what}.`, { param });
  if (type === "string") {
    if (typeof data === "string" || data.length !== count) throw mismatch(`shape [${shape.join(", ")}] takes a list of ${count} texts`);
    return { type, shape, data: data.map(String) };
  }
  const element = elements[type];
  if (typeof data === "string") {
    const bytes = base64Bytes(data);
    if (bytes === null) throw mismatch("`data` is a text that is not base64");
    if (bytes.length !== count * element.bytes) throw mismatch(`shape [${shape.join(", ")}] of ${type} takes ${count * element.bytes} bytes, these are ${bytes.length}`);
    return { type, shape, data: new Uint8Array(bytes) };
  }
  if (data.length !== count) throw mismatch(`shape [${shape.join(", ")}] takes ${count} values, these are ${data.length}`);
  const bytes = new Uint8Array(count * element.bytes);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of data.entries()) {
    const number = numberOf(value, element);
    if (number === null) throw new InfernoError("tensor_mismatch", `${param}.data.${index}: ${JSON.stringify(value)} is no ${type}.`, { param: `${param}.data.${index}` });
    element.write(view, index * element.bytes, number);
  }
  return { type, shape, data: bytes };
}

const notFinite: ReadonlyMap<string, number> = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);

/** Null for what the type cannot hold. */
function numberOf(value: number | boolean | string, { range }: Element): number | bigint | null {
  if (range === undefined) return typeof value === "string" ? (notFinite.get(value) ?? null) : Number(value);
  if (typeof value === "string" ? !/^-?\d{1,20}$/.test(value) : !Number.isSafeInteger(Number(value))) return null;
  const exact = BigInt(value);
  return exact < range[0] || exact > range[1] ? null : exact;
}

/** Written as JSON numbers, more would keep everybody else waiting for seconds, and as base64 not fit into a text. */
const most = { values: 2 ** 20, bytes: 256 * 2 ** 20 };

/** Of all tensors of an answer; throws `invalid_request` for what is too large to be written so. */
export function checkWritable(tensors: readonly TensorData[], encoding: "json" | "base64"): void {
  const sum = (of: (tensor: TensorData) => number): number => tensors.reduce((total, tensor) => total + of(tensor), 0);
  const values = sum(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const bytes = sum(({ data }) => (data instanceof Uint8Array ? data.length : 0));
  if (encoding === "json" ? values <= most.values : bytes <= most.bytes) return;
  const what = encoding === "json" ? `${values} values, and no more than ${most.values} are written as JSON` : `${bytes} bytes, and no more than ${most.bytes} are written as base64`;
  throw new InfernoError("invalid_request", `encoding: the outputs have ${what}.`, {
    param: "encoding", hint: `Name fewer \`outputs\`${encoding === "json" ? ", ask for `encoding: base64`" : ""}, or send and take safetensors.`,
  });
}

/** The other way; with `base64` the bytes as they are. */
export function tensorJson({ type, shape, data }: TensorData, encoding: "json" | "base64"): TensorJson {
  if (type === "string" || !(data instanceof Uint8Array)) return { type, shape: [...shape], data: [...data].map(String) };
  if (encoding === "base64") return { type, shape: [...shape], data: Buffer.from(data).toString("base64") };
  const element = elements[type];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { type, shape: [...shape], data: Array.from({ length: data.length / element.bytes }, (_, index) => jsonValue(element.read(view, index * element.bytes), type)) };
}

/** JSON has no NaN, and its readers lose digits beyond 2⁵³. */
function jsonValue(value: number | bigint, type: TensorType): number | boolean | string {
  if (type === "bool") return value !== 0;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return Number.isFinite(value) ? value : String(value);
}

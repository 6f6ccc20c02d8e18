import { z } from "zod";
import { InfernoError } from "../../protocol/errors.ts";
import type { TensorData, TensorType } from "../../protocol/infer.ts";

/**
 * Tensors as one file in the safetensors format: 8 bytes with the header's length (little endian), a JSON header with type, shape and
 * place of each tensor, then their bytes. See https://huggingface.co/docs/safetensors.
 */

const types = {
  float64: "F64", float32: "F32", float16: "F16", int64: "I64", int32: "I32", int16: "I16", int8: "I8", uint64: "U64", uint32: "U32", uint16: "U16", uint8: "U8", bool: "BOOL",
} as const satisfies Partial<Record<TensorType, string>>;
type Numeric = keyof typeof types;
const byCode = new Map<string, Numeric>(Object.entries(types).map(([type, code]) => [code, type as Numeric]));

export const elementBytes: Readonly<Record<Numeric, number>> = {
  float64: 8, float32: 4, float16: 2, int64: 8, int32: 4, int16: 2, int8: 1, uint64: 8, uint32: 4, uint16: 2, uint8: 1, bool: 1,
};

const Entry = z.object({ dtype: z.string(), shape: z.array(z.int().min(0)).max(16), data_offsets: z.tuple([z.int().min(0), z.int().min(0)]) });
const metadataName = "__metadata__";

export interface Safetensors {
  readonly tensors: Readonly<Record<string, TensorData>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Throws `invalid_request` that says what is wrong with the file. */
export function readSafetensors(file: Uint8Array): Safetensors {
  const bad = (what: string, cause?: unknown) => new InfernoError("invalid_request", `The body is not a safetensors file: ${what}.`, { cause });
  if (file.length < 8) throw bad(`it has ${file.length} bytes, the header's length alone takes 8`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(file.length - 8)) throw bad(`its header is said to have ${length} bytes, of ${file.length - 8}`);
  let header: Record<string, unknown>;
  try {
    header = z.record(z.string(), z.unknown()).parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, 8 + Number(length)))));
  } catch (cause) {
    throw bad("its header is not a JSON object", cause);
  }
  const data = file.subarray(8 + Number(length));
  const metadata = z.record(z.string(), z.string()).safeParse(header[metadataName] ?? {});
  if (!metadata.success) throw bad(`${metadataName} holds something else than texts`);
  const tensors = Object.entries(header).filter(([name]) => name !== metadataName).map(([name, value]): [string, TensorData] => {
    const entry = Entry.safeParse(value);
    if (!entry.success) throw bad(`the entry of "${name}" is not valid`, entry.error);
    const { dtype, shape, data_offsets: [start, end] } = entry.data;
    const type = byCode.get(dtype);
    if (type === undefined) throw bad(`"${name}" has the type ${dtype}; there are ${[...byCode.keys()].join(", ")}`);
    const wanted = shape.reduce((product, size) => product * size, 1) * elementBytes[type];
    if (start > end || end > data.length || end - start !== wanted) throw bad(`"${name}" lies at ${start} to ${end} of ${data.length} bytes; its shape and type take ${wanted}`);
    return [name, { type, shape, data: data.slice(start, end) }];
  });
  return { tensors: Object.fromEntries(tensors), metadata: metadata.data };
}

/** Throws `invalid_request` for texts, which the format has no type for. */
export function writeSafetensors(tensors: Readonly<Record<string, TensorData>>): Uint8Array {
  const header: Record<string, z.infer<typeof Entry>> = {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { type, shape, data }] of Object.entries(tensors)) {
    if (!(data instanceof Uint8Array) || type === "string") throw new InfernoError("invalid_request", `"${name}" holds texts, for which safetensors has no type: ask for JSON.`);
    header[name] = { dtype: types[type], shape: [...shape], data_offsets: [offset, offset + data.length] };
    parts.push(data);
    offset += data.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Tensors begin at a multiple of eight, so that readers may look at them in place.
  const padded = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(json, 8);
  let at = 8 + padded;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

import { InfernoError } from "../../../protocol/errors.ts";
import type { TensorData, TensorType } from "../../../protocol/infer.ts";
import { sizeOf, type Tensor, type TensorValues } from "./tensors.ts";

// Tensors as requests carry them, bytes in little endian, and as graphs take them. All platforms of the engine are little endian.

type Numeric = Exclude<TensorType, "string">;
interface ArrayMaker<T extends Numeric> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): TensorValues[T];
}
const arrays: { readonly [T in Numeric]: ArrayMaker<T> } = {
  float32: Float32Array, float16: Uint16Array, float64: Float64Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array,
};

/** Throws `tensor_mismatch` where type, shape and data do not agree. */
export function fromTensorData(name: string, { type, shape, data }: TensorData): Tensor {
  const mismatch = (what: string) => new InfernoError("tensor_mismatch", `The tensor "${name}" ${what}.`, { param: name });
  const bad = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (bad !== undefined) throw mismatch(`has the size ${bad} in its shape`);
  const size = sizeOf(shape);
  if (type === "string") {
    if (data instanceof Uint8Array || data.length !== size) throw mismatch(`of shape [${shape.join(", ")}] needs ${size} texts`);
    return { type, shape, data };
  }
  const bytes = size * arrays[type].BYTES_PER_ELEMENT;
  if (!(data instanceof Uint8Array) || data.length !== bytes) {
    throw mismatch(`of ${type} and shape [${shape.join(", ")}] needs ${bytes} bytes, and ${data.length} are there`);
  }
  if (type === "bool" && data.some((value) => value > 1)) throw mismatch("of bool has a byte other than 0 and 1");
  // A copy: views need aligned memory, and the request's bytes may lie in the middle of a message. Not by `slice`, which copies nothing of a Buffer.
  const values = new arrays[type](new Uint8Array(data).buffer);
  return { type, shape, data: values } as Tensor;
}

export function toTensorData(tensor: Tensor): TensorData {
  const { type, shape } = tensor;
  if (tensor.type === "string") return { type, shape, data: tensor.data };
  return { type, shape, data: new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength) };
}

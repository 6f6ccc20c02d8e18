import type { TensorProto } from "onnx-buf";
import { halfToNumber } from "../../base/half.ts";
import { elementsOf } from "./check-data.ts";
import { bitsOf, byteLength, elementType, type ElementType } from "./element.ts";
import { externalPath, externalPlace, isExternal, type ExternalPlace } from "./external.ts";
import type { OnnxModel } from "./model.ts";
import { shapeText } from "./shape.ts";
import { ByteFile, invalidFile } from "./wire.ts";

export type Values = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

/** A tensor's data as stored: 16-bit floats as their bits, `bool` and 8-bit floats as bytes, smaller types packed, the first element in the low bits. */
export interface TensorView {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly elements: number;
  readonly values: Values;
}

const arrays = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bfloat16: Uint16Array, int8: Int8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, complex64: Float32Array, complex128: Float64Array,
} as const;

/** Reads one tensor, now. Throws `model_file_invalid`; text has no view. */
export function readTensor(model: OnnxModel, tensor: TensorProto): TensorView {
  const type = typeOf(model.path, tensor);
  const elements = elementsOf(model.path, tensor);
  const bytes = readBytes(model, tensor);
  const array = type in arrays ? arrays[type as keyof typeof arrays] : Uint8Array;
  // A copy where the bytes lie in the middle of a message, for views need aligned memory, and whoever changes them must not change the model.
  const aligned = isExternal(tensor) ? bytes : bytes.slice();
  const values = new array(aligned.buffer, aligned.byteOffset, aligned.length / array.BYTES_PER_ELEMENT);
  return { name: tensor.name, type, dims: tensor.dims.map(Number), elements, values };
}

/** Bytes of a tensor, little endian, wherever they lie. */
export function readBytes(model: OnnxModel, tensor: TensorProto): Uint8Array<ArrayBuffer> {
  const type = typeOf(model.path, tensor);
  const expected = byteLength(type, elementsOf(model.path, tensor));
  const bytes = isExternal(tensor) ? readExternal(model, tensor, expected) : tensor.rawData.length > 0 ? tensor.rawData : typedBytes(tensor, type);
  if (bytes.length === expected) return bytes;
  throw invalidFile(model.path, `the tensor "${tensor.name}" of shape ${shapeText(tensor.dims)} needs ${expected} bytes, and ${bytes.length} are there.`);
}

function typeOf(path: string, tensor: TensorProto): ElementType {
  const type = elementType(tensor.dataType);
  if (type === undefined || type === "string") throw invalidFile(path, `the tensor "${tensor.name}" is of the type ${type ?? tensor.dataType}, of which no numbers can be made.`);
  return type;
}

function readExternal(model: OnnxModel, tensor: TensorProto, expected: number): Uint8Array<ArrayBuffer> {
  return withExternal(model, tensor, (file, { location, offset }, length) => {
    // Before any memory is taken: the shape may promise what the file does not have.
    if (length !== expected) throw invalidFile(model.path, `the tensor "${tensor.name}" needs ${expected} bytes, and ${length} are in "${location}".`);
    const bytes = new Uint8Array(length);
    file.readInto(bytes, offset);
    return bytes;
  });
}

/** Copies of a tensor that does not fit into memory, or need not, go in pieces of this size. */
const chunkBytes = 8 * 2 ** 20;

/** The bytes of a tensor that is not in the message, as they are, whatever they mean; the piece is overwritten by the next one. Returns their number. */
export function copyExternal(model: OnnxModel, tensor: TensorProto, take: (piece: Uint8Array<ArrayBuffer>, offset: number) => void): number {
  return withExternal(model, tensor, (file, { offset }, length) => {
    const buffer = new Uint8Array(Math.min(length, chunkBytes));
    for (let done = 0; done < length; done += chunkBytes) {
      const piece = buffer.subarray(0, Math.min(chunkBytes, length - done));
      file.readInto(piece, offset + done);
      take(piece, done);
    }
    return length;
  });
}

/** Number of bytes of a tensor that is not in the message. */
export const externalLength = (model: OnnxModel, tensor: TensorProto): number => withExternal(model, tensor, (_file, _place, length) => length);

function withExternal<T>(model: OnnxModel, tensor: TensorProto, use: (file: ByteFile, place: ExternalPlace, length: number) => T): T {
  const place = externalPlace(model.path, tensor);
  const file = new ByteFile(externalPath(model, place));
  try {
    const left = file.size - place.offset;
    const length = place.length ?? left;
    if (length > left || left < 0) throw invalidFile(model.path, `the tensor "${tensor.name}" needs ${length} bytes, and ${Math.max(0, left)} are in "${place.location}".`);
    return use(file, place, length);
  } finally {
    file.close();
  }
}

/** The fields for people: small types are kept in wider ones there. */
function typedBytes({ floatData, doubleData, int32Data, int64Data, uint64Data }: TensorProto, type: ElementType): Uint8Array<ArrayBuffer> {
  const array = ((): Values & ArrayBufferView<ArrayBuffer> => {
    if (type === "float32" || type === "complex64") return Float32Array.from(floatData);
    if (type === "float64" || type === "complex128") return Float64Array.from(doubleData);
    if (type === "int64") return BigInt64Array.from(int64Data);
    if (type === "uint64") return BigUint64Array.from(uint64Data);
    if (type === "uint32") return Uint32Array.from(uint64Data, Number);
    if (type === "int32") return Int32Array.from(int32Data);
    return bitsOf(type) === 16 ? Uint16Array.from(int32Data) : Uint8Array.from(int32Data);
  })();
  return new Uint8Array(array.buffer);
}

/** The same as plain numbers, for arithmetic; integers beyond 2^24 lose their last digits. */
export function toFloat32({ type, elements, values }: TensorView): Float32Array {
  if (values instanceof Float32Array) return values;
  if (type === "float16") return Float32Array.from(values as Uint16Array, halfToNumber);
  if (type === "bfloat16") return new Float32Array(Uint32Array.from(values as Uint16Array, (bits) => bits * 65_536).buffer);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float32Array.from(values, Number);
  return bitsOf(type) < 8 ? unpack(type, elements, values) : Float32Array.from(values);
}

function unpack(type: ElementType, elements: number, bytes: ArrayLike<number>): Float32Array {
  const bits = bitsOf(type);
  const perByte = 8 / bits;
  const signed = type.startsWith("int");
  return Float32Array.from({ length: elements }, (_, index) => {
    const value = (bytes[Math.floor(index / perByte)]! >> ((index % perByte) * bits)) & (2 ** bits - 1);
    return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  });
}

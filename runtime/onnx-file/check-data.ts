import type { TensorProto } from "onnx-buf";
import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { InfernoError } from "../../protocol/errors.ts";
import { bitsOf, byteLength, elementType } from "./element.ts";
import { externalPath, externalPlace, isExternal, liesWithin, type ExternalPlace } from "./external.ts";
import { allTensors } from "./graphs.ts";
import type { OnnxModel } from "./model.ts";
import { countElements, mostDimensions, shapeText } from "./shape.ts";
import { invalidFile } from "./wire.ts";

/** Throws `model_file_missing` where a file of tensors is not there, and `model_file_invalid` where one is not as long as shape and type say. */
export function checkData(model: OnnxModel): void {
  const sizes = new Map<string, number>();
  const sizeOf = (path: string): number => {
    const size = sizes.get(path) ?? sizeOfFile(path);
    sizes.set(path, size);
    return size;
  };
  for (const tensor of allTensors(model.message)) {
    const { stored, expected } = isExternal(tensor) ? external(model, tensor, sizeOf) : inside(model.path, tensor);
    if (expected !== null && stored !== expected) {
      throw invalidFile(model.path, `the tensor "${tensor.name}" of shape ${shapeText(tensor.dims)} needs ${expected} bytes, and ${stored} are there.`);
    }
  }
}

/** −1 where nothing is; links in a circle lead nowhere too. */
function sizeOfFile(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return -1;
  }
}

interface Sizes {
  readonly stored: number;
  /** Null where it cannot be said: text, and types that are not known yet. */
  readonly expected: number | null;
}

function external(model: OnnxModel, tensor: TensorProto, sizeOf: (path: string) => number): Sizes {
  const place = externalPlace(model.path, tensor);
  const size = sizeOf(externalPath(model, place));
  if (size < 0) {
    throw new InfernoError("model_file_missing", `${model.path}: the weights of "${tensor.name}" lie in "${place.location}", which is not there.`, {
      hint: "Put that file beside the model: it was downloaded or copied in part.",
    });
  }
  if (!isReachable(model, place)) {
    throw invalidFile(model.path, `the weights of "${tensor.name}" lie behind "${place.location}", a link that leads out of the model's folder; the engine does not follow it.`);
  }
  const end = place.offset + (place.length ?? Math.max(0, size - place.offset));
  if (end > size) {
    throw invalidFile(model.path, `the weights of "${tensor.name}" end at byte ${end} of "${place.location}", which has ${size}: it is truncated, or belongs to another model.`);
  }
  return { stored: end - place.offset, expected: expectedBytes(model.path, tensor) };
}

/** Download caches are links to files side by side: the weights may also lie where the model itself really does. */
function isReachable(model: OnnxModel, place: ExternalPlace): boolean {
  if (model.elsewhere?.has(place.location) === true) return true;
  const file = realpathSync(externalPath(model, place));
  return liesWithin(realpathSync(model.folder), file) || liesWithin(dirname(realpathSync(model.path)), file);
}

function inside(path: string, tensor: TensorProto): Sizes {
  const expected = expectedBytes(path, tensor);
  if (expected === null || tensor.rawData.length > 0) return { stored: tensor.rawData.length, expected };
  const { floatData, doubleData, int32Data, int64Data, uint64Data } = tensor;
  const values = floatData.length + doubleData.length + int32Data.length + int64Data.length + uint64Data.length;
  const type = elementType(tensor.dataType);
  const needed = elementsOf(path, tensor);
  // Complex numbers are pairs of values; 4-bit numbers lie two in a value, or one by one, as exporters do not agree.
  if (type === "complex64" || type === "complex128") return { stored: values, expected: 2 * needed };
  if (type !== undefined && bitsOf(type) < 8 && values === Math.ceil((needed * bitsOf(type)) / 8)) return { stored: values, expected: values };
  return { stored: values, expected: needed };
}

function expectedBytes(path: string, tensor: TensorProto): number | null {
  const elements = elementsOf(path, tensor);
  const type = elementType(tensor.dataType);
  return type === undefined || type === "string" ? null : byteLength(type, elements);
}

/** Number of elements by the shape. */
export function elementsOf(path: string, tensor: TensorProto): number {
  const { name, dims } = tensor;
  if (dims.length > mostDimensions) throw invalidFile(path, `the tensor "${name}" has ${dims.length} dimensions; more than ${mostDimensions} have no meaning.`);
  if (dims.some((dim) => dim < 0n)) throw invalidFile(path, `the tensor "${name}" has the shape ${shapeText(dims)}.`);
  const elements = countElements(dims);
  if (elements === null) throw invalidFile(path, `the tensor "${name}" has the shape ${shapeText(dims)}, which no memory holds.`);
  return elements;
}

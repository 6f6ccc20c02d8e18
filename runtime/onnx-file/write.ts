import { clearField, create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProtoSchema, TensorProto_DataLocation, type ModelProto, type TensorProto } from "onnx-buf";
import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { InfernoError } from "../../protocol/errors.ts";
import { byteLength, elementType } from "./element.ts";
import { checkData, elementsOf } from "./check-data.ts";
import { checkGraphs } from "./check-graphs.ts";
import { externalEntries, externalPath, externalPlace, inlineLimit, isExternal } from "./external.ts";
import { allTensors, mapTensors } from "./graphs.ts";
import type { OnnxModel } from "./model.ts";
import { copyExternal, externalLength } from "./tensor.ts";

export interface WriteOptions {
  /** Whether weights go into a file of their own. `auto`: above a gigabyte, for a model file must stay below two. */
  readonly external?: "auto" | "always" | "never" | undefined;
}

export interface Written {
  readonly path: string;
  /** The file of weights beside it, if there is one. */
  readonly dataPath: string | null;
  readonly bytes: number;
}

/** Above this weights get their own file, as protobuf ends at two gigabytes and a message is built in memory. */
const inlineBytes = 2 ** 30;
/** So that runtimes can map each tensor into memory by itself. */
const alignment = 4096;

/**
 * Writes the model to another place; `message` in the model may have been exchanged for a changed one, with new tensors as `raw_data`.
 * Both files are complete or not there. Throws `usage` for a target that is the source or holds its weights, `model_file_invalid` for a message that is no
 * sound model.
 */
export function writeModel(model: OnnxModel, target: string, { external = "auto" }: WriteOptions = {}): Written {
  const path = resolve(target);
  const dataPath = `${path}_data`;
  const apart = external === "always" || (external === "auto" && weightBytes(model) > inlineBytes);
  // A rewrite that went wrong is found here, and not by whoever loads the result.
  if (model.message.graph !== undefined) checkGraphs(path, model.message.graph);
  checkData(model);
  keepSource(model, apart ? [path, dataPath] : [path]);
  const [temporary, temporaryData] = [temporaryName(path), temporaryName(dataPath)];
  try {
    const placed = apart ? writeData(model, temporaryData, basename(dataPath)) : { message: withInlineData(model), bytes: 0 };
    const bytes = writeWhole(temporary, toBinary(ModelProtoSchema, placed.message));
    if (apart) renameSync(temporaryData, dataPath);
    renameSync(temporary, path);
    return { path, dataPath: apart ? dataPath : null, bytes: bytes + placed.bytes };
  } catch (error) {
    for (const name of [temporary, temporaryData]) rmSync(name, { force: true });
    throw isSystemError(error) ? new InfernoError("home_unwritable", `${path} cannot be written: ${error.message}.`, { hint: "Free space, or choose a folder that can be written.", cause: error }) : error;
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && "syscall" in error;
const temporaryName = (path: string): string => join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);

function weightBytes(model: OnnxModel): number {
  let sum = 0;
  for (const tensor of allTensors(model.message)) {
    const type = elementType(tensor.dataType);
    if (type !== undefined) sum += byteLength(type, elementsOf(model.path, tensor));
  }
  return sum;
}

function keepSource(model: OnnxModel, targets: readonly string[]): void {
  const sources = new Set([model.path]);
  for (const tensor of allTensors(model.message)) if (isExternal(tensor)) sources.add(externalPath(model, externalPlace(model.path, tensor)));
  const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);
  const kept = new Set([...sources].map(real));
  const clash = targets.find((target) => kept.has(real(target)));
  if (clash !== undefined) throw new InfernoError("usage", `${clash} is part of the model that is read, which is never written over.`, { hint: "Choose another name for the result." });
}

const withInlineData = (model: OnnxModel): ModelProto => mapTensors(model.message, (tensor) => (isExternal(tensor) ? inline(model, tensor) : tensor));

function inline(model: OnnxModel, tensor: TensorProto): TensorProto {
  const bytes = new Uint8Array(externalLength(model, tensor));
  copyExternal(model, tensor, (piece, offset) => bytes.set(piece, offset));
  return withRawData(tensor, bytes);
}

/** The tensor with its data in it. */
export const withRawData = (tensor: TensorProto, bytes: Uint8Array): TensorProto => Object.assign(withoutData(tensor), { rawData: bytes });

function withoutData(tensor: TensorProto): TensorProto {
  const bare = Object.assign(create(TensorProtoSchema), tensor, { externalData: [], floatData: [], doubleData: [], int32Data: [], int64Data: [], uint64Data: [] });
  clearField(bare, TensorProtoSchema.field.rawData);
  clearField(bare, TensorProtoSchema.field.dataLocation);
  return bare;
}

function writeData(model: OnnxModel, path: string, location: string): { message: ModelProto; bytes: number } {
  const descriptor = openSync(path, "wx");
  let offset = 0;
  try {
    const message = mapTensors(model.message, (tensor) => {
      if (!isExternal(tensor) && tensor.rawData.length <= inlineLimit) return tensor;
      const length = isExternal(tensor) ? externalLength(model, tensor) : tensor.rawData.length;
      if (length <= inlineLimit) return inline(model, tensor);
      const start = Math.ceil(offset / alignment) * alignment;
      if (isExternal(tensor)) copyExternal(model, tensor, (piece, at) => writeAll(descriptor, piece, start + at));
      else writeAll(descriptor, tensor.rawData, start);
      offset = start + length;
      const externalData = externalEntries({ location, offset: start, length });
      return Object.assign(withoutData(tensor), { externalData, dataLocation: TensorProto_DataLocation.EXTERNAL });
    });
    fsyncSync(descriptor);
    return { message, bytes: offset };
  } finally {
    closeSync(descriptor);
  }
}

function writeWhole(path: string, bytes: Uint8Array): number {
  const descriptor = openSync(path, "wx");
  try {
    writeAll(descriptor, bytes, 0);
    fsyncSync(descriptor);
    return bytes.length;
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
}

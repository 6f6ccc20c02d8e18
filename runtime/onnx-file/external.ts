import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema, TensorProto_DataLocation, type StringStringEntryProto, type TensorProto } from "onnx-buf";
import { isAbsolute, join, relative, sep } from "node:path";
import { invalidFile } from "./wire.ts";

/** Tensors of at most so many bytes are kept in the graph: constants and shapes, which readers want without opening another file. */
export const inlineLimit = 1024;

/** Where a tensor's bytes lie: a file in the model's folder, and the place in it. */
export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  /** Null: to the end of the file. */
  readonly length: number | null;
}

export const isExternal = (tensor: TensorProto): boolean => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL;

export function externalEntries({ location, offset, length }: ExternalPlace): StringStringEntryProto[] {
  const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
  return [entry("location", location), entry("offset", String(offset)), ...(length === null ? [] : [entry("length", String(length))])];
}

/** Throws `model_file_invalid` for numbers that are none and for names that lead out of the model's folder. */
export function externalPlace(path: string, tensor: TensorProto): ExternalPlace {
  const values = new Map<string, string>();
  for (const { key, value } of tensor.externalData) {
    if (values.has(key)) throw invalidFile(path, `the tensor "${tensor.name}" gives two values for ${key} of its external data.`);
    values.set(key, value);
  }
  const number = (key: string): number | null => {
    const text = values.get(key);
    if (text === undefined) return null;
    const value = Number(text);
    if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) throw invalidFile(path, `the tensor "${tensor.name}" has the ${key} "${text}" for its external data.`);
    return value;
  };
  const location = values.get("location") ?? "";
  if (!staysInside(location)) {
    throw invalidFile(path, `the tensor "${tensor.name}" wants its data from "${location}", which is not a file in the model's own folder.`);
  }
  return { location, offset: number("offset") ?? 0, length: number("length") };
}

/** By its letters on any system. Where links lead is another question, which `check-data.ts` asks. */
function staysInside(location: string): boolean {
  if (location === "" || location.includes("\0") || isAbsolute(location) || /^[A-Za-z]:|^[\\/]/.test(location)) return false;
  return !location.split(/[\\/]/).includes("..");
}

/** Both as they really are, without links. */
export function liesWithin(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Where a model's external data lies: in its folder, but for what was made for a model in the making and lies elsewhere. */
interface DataFolder {
  readonly folder: string;
  readonly elsewhere?: ReadonlyMap<string, string> | undefined;
}

export const externalPath = ({ folder, elsewhere }: DataFolder, { location }: ExternalPlace): string => elsewhere?.get(location) ?? join(folder, location);

import { toBinary, create } from "@bufbuild/protobuf";
import { TensorProtoSchema, TensorProto_DataLocation } from "onnx-buf";
import { basename } from "node:path";
import { externalEntries, inlineLimit } from "./external.ts";
import { bytesTag, fieldsOf, invalidFile, isBytes, varintBytes, type ByteFile, type Field } from "./wire.ts";

type Kind = "model" | "graph" | "node" | "attribute" | "tensor" | "sparse" | "function";

/** Fields that hold messages in which weights may lie, by their numbers in onnx.proto. */
const nested: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: { 7: "graph", 25: "function" },
  graph: { 1: "node", 5: "tensor", 15: "sparse" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse" },
  sparse: { 1: "tensor", 2: "tensor" },
  function: { 7: "node" },
  tensor: {},
};
const rawDataField = 9;

/** Sub-graphs in sub-graphs; what exporters write stays below five. */
export const deepest = 32;
/** A graph without its weights takes some megabytes at most; what claims more would only fill the memory. */
const largestSkeleton = 512 * 2 ** 20;

/** Chunks in order; their sum is known before they are joined, as the lengths of what holds them need it. */
interface Part {
  readonly length: number;
  readonly chunks: readonly Uint8Array[];
}

/**
 * The model's bytes with each large `raw_data` replaced by a reference to where it lies in the same file, written as external data.
 * So whoever parses the result has the whole graph and none of the weights, and finds both kinds of weights in one way.
 */
export function skeletonOf(file: ByteFile): Uint8Array<ArrayBuffer> {
  const { length, chunks } = rewrite(file, "model", 0, file.size, 0, { left: largestSkeleton });
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function rewrite(file: ByteFile, kind: Kind, start: number, end: number, depth: number, budget: { left: number }): Part {
  const chunks: Uint8Array[] = [];
  let copyFrom = start;
  const copyTo = (offset: number): void => {
    budget.left -= offset - copyFrom;
    if (budget.left < 0) throw invalidFile(file.path, `the graph without its weights takes more than ${largestSkeleton} bytes.`);
    if (offset > copyFrom) chunks.push(file.bytes(copyFrom, offset));
  };
  for (const field of fieldsOf(file, start, end)) {
    const replacement = replace(file, kind, field, depth, budget);
    if (replacement === null) continue;
    copyTo(field.tagStart);
    chunks.push(...replacement);
    copyFrom = field.end;
  }
  copyTo(end);
  return { length: chunks.reduce((sum, chunk) => sum + chunk.length, 0), chunks };
}

/** What stands in the field's place; null to leave it as it is, as everything is that is too small to hold weights. */
function replace(file: ByteFile, kind: Kind, field: Field, depth: number, budget: { left: number }): readonly Uint8Array[] | null {
  if (field.end - field.start <= inlineLimit || !isBytes(field)) return null;
  if (kind === "tensor") return field.number === rawDataField ? [reference(file, field)] : null;
  const inner = nested[kind][field.number];
  if (inner === undefined) return null;
  const deeper = inner === "graph" ? depth + 1 : depth;
  if (deeper > deepest) throw invalidFile(file.path, `byte ${field.tagStart}: graphs lie in one another deeper than ${deepest}.`);
  const part = rewrite(file, inner, field.start, field.end, deeper, budget);
  return [bytesTag(field.number), varintBytes(part.length), ...part.chunks];
}

function reference(file: ByteFile, { start, end }: Field): Uint8Array {
  return toBinary(TensorProtoSchema, create(TensorProtoSchema, {
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: externalEntries({ location: basename(file.path), offset: start, length: end - start }),
  }));
}

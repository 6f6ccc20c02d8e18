import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type GraphProto, type ModelProto } from "onnx-buf";
import { dirname, resolve } from "node:path";
import { checkData } from "./check-data.ts";
import { checkGraphs } from "./check-graphs.ts";
import { skeletonOf } from "./skeleton.ts";
import { ByteFile, invalidFile } from "./wire.ts";

/**
 * An ONNX model without its weights: tensors above a kilobyte are references to where they lie, be it in the file itself or beside it.
 * `tensor.ts` reads them and `write.ts` copies them; the message alone, made into bytes, would name the source file for them.
 */
export interface OnnxModel {
  /** Absolute. */
  readonly path: string;
  /** Where external data lies. */
  readonly folder: string;
  /** Files of external data that lie elsewhere, by the location that tensors give. */
  readonly elsewhere?: ReadonlyMap<string, string> | undefined;
  readonly bytes: number;
  readonly message: ModelProto;
  readonly graph: GraphProto;
}

export interface ReadOptions {
  /** Whether files of external data have to be there, and long enough. Default: yes. */
  readonly data?: "check" | "ignore" | undefined;
}

/** More than nested graphs of the permitted depth need: each takes three levels of messages. */
const recursionLimit = 200;

/** Throws `model_file_missing` or `model_file_invalid`, saying what is wrong and where. */
export function readModel(file: string, { data = "check" }: ReadOptions = {}): OnnxModel {
  const path = resolve(file);
  const source = new ByteFile(path);
  try {
    const message = parse(path, skeletonOf(source));
    const { graph } = message;
    if (graph === undefined || message.irVersion <= 0n) throw invalidFile(path, "this is not an ONNX model: it holds no graph, or no version of the format.");
    const model: OnnxModel = { path, folder: dirname(path), bytes: source.size, message, graph };
    checkGraphs(path, graph);
    if (data === "check") checkData(model);
    return model;
  } finally {
    source.close();
  }
}

function parse(path: string, bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes, { recursionLimit });
  } catch (cause) {
    throw invalidFile(path, `this is not an ONNX model: ${cause instanceof Error ? cause.message : String(cause)}.`, cause);
  }
}

import { create } from "@bufbuild/protobuf";
import { TensorProto_DataLocation, TensorProtoSchema, type ModelProto, type TensorProto } from "onnx-buf";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { dataType, type ElementType } from "../onnx-file/element.ts";
import { externalEntries, inlineLimit } from "../onnx-file/external.ts";
import type { OnnxModel } from "../onnx-file/model.ts";
import { readTensor, toFloat32, type Values } from "../onnx-file/tensor.ts";

const location = "inferno.scratch";

/**
 * The weights of a model that is rewritten: old ones are read when they are asked for, new ones go into a scratch file at once.
 * So of a model of any size one weight at a time is in memory.
 */
export class WeightStore {
  readonly #source: OnnxModel;
  readonly #path: string;
  #descriptor: number | null = null;
  #end = 0;

  constructor(source: OnnxModel, scratchPath: string) {
    this.#source = source;
    this.#path = scratchPath;
  }

  floats(tensor: TensorProto): Float32Array {
    return toFloat32(readTensor(this.#now(this.#source.message), tensor));
  }

  /** As stored: bytes of blocks and the like. */
  values(tensor: TensorProto): Values {
    return readTensor(this.#now(this.#source.message), tensor).values;
  }

  make(name: string, type: ElementType, dims: readonly number[], values: Values): TensorProto {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const base = { name, dataType: dataType(type), dims: dims.map(BigInt) };
    if (bytes.length <= inlineLimit) return create(TensorProtoSchema, { ...base, rawData: bytes.slice() });
    this.#descriptor ??= openSync(this.#path, "wx", 0o600);
    const offset = this.#end;
    for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
    this.#end += bytes.length;
    return create(TensorProtoSchema, { ...base, dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: externalEntries({ location, offset, length: bytes.length }) });
  }

  /** The rewritten model, for `writeModel`. */
  model(message: ModelProto): OnnxModel {
    return this.#now(message);
  }

  dispose(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    rmSync(this.#path, { force: true });
  }

  #now(message: ModelProto): OnnxModel {
    const graph = message.graph ?? this.#source.graph;
    return { ...this.#source, message, graph, elsewhere: new Map([...(this.#source.elsewhere ?? []), [location, this.#path]]) };
  }
}

import { Tensor as OrtTensor, type InferenceSession } from "onnxruntime-node";
import { InfernoError } from "../../../protocol/errors.ts";
import { tensorTypes, type TensorType } from "../../../protocol/infer.ts";
import { checkFeeds, checkWanted } from "./check-feeds.ts";
import { runError } from "./ort-error.ts";
import type { Tensor, Tensors } from "./tensors.ts";

/** An input or output of a graph. */
export interface GraphValue {
  readonly name: string;
  readonly type: TensorType;
  /** Sizes; a name where the size is free, which may be empty. No sizes also where the graph does not say. */
  readonly shape: readonly (number | string)[];
}

/** One ONNX graph, ready to run. */
export interface Session {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /**
   * Runs the graph once; the process does nothing else meanwhile. `wanted`: names of outputs, all when absent.
   * Rejects with `tensor_mismatch` when the feeds are not what the graph takes, and with `inference_failed` when the engine fails.
   */
  run(feeds: Tensors, wanted?: readonly string[]): Promise<Tensors>;
  dispose(): Promise<void>;
}

/** What runs for the session at the moment: its own graph, or a twin of it that is being profiled. */
export type RunNative = (feeds: InferenceSession.FeedsType, wanted: readonly string[]) => Promise<InferenceSession.ReturnType>;

export class OrtSession implements Session {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly #native: InferenceSession;
  readonly #names: readonly string[];
  #twin: RunNative | null = null;

  /** `dimensions`: values that were fixed for free dimensions. Throws `model_load_failed` for graphs that take something else than tensors, or give none. */
  constructor(native: InferenceSession, dimensions: Readonly<Record<string, number>> = {}) {
    this.#native = native;
    this.inputs = native.inputMetadata.map((value) => tensorInput(value, dimensions));
    // Sequences and maps, as classifiers have them beside their scores, are left out: nothing here takes them.
    this.outputs = native.outputMetadata.flatMap((value) => graphValue(value, dimensions) ?? []);
    this.#names = this.outputs.map(({ name }) => name);
    if (this.#names.length === 0) throw new InfernoError("model_load_failed", "None of the graph's outputs is a tensor.");
  }

  async run(feeds: Tensors, wanted = this.#names): Promise<Tensors> {
    if (wanted !== this.#names) checkWanted(wanted, this.outputs);
    checkFeeds(feeds, this.inputs);
    const native = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
    try {
      const results = await (this.#twin === null ? this.#native.run(native, wanted) : this.#twin(native, wanted));
      return Object.fromEntries(wanted.flatMap((name) => (results[name] === undefined ? [] : [[name, fromOrt(results[name])]])));
    } catch (error) {
      throw runError(error);
    }
  }

  /** Runs go through `twin` until it is called with null. */
  runThrough(twin: RunNative | null): void {
    this.#twin = twin;
  }

  async dispose(): Promise<void> {
    await this.#native.release();
  }
}

function tensorInput(value: InferenceSession.ValueMetadata, dimensions: Readonly<Record<string, number>>): GraphValue {
  const input = graphValue(value, dimensions);
  if (input !== null) return input;
  throw new InfernoError("model_load_failed", `The graph's input "${value.name}" is ${value.isTensor ? `a tensor of ${value.type}` : "not a tensor"}, which Inferno cannot give it.`);
}

function graphValue(value: InferenceSession.ValueMetadata, dimensions: Readonly<Record<string, number>>): GraphValue | null {
  if (!value.isTensor) return null;
  const type = tensorTypes.find((name) => name === value.type);
  if (type === undefined) return null;
  return { name: value.name, type, shape: value.shape.map((size) => (typeof size === "string" && Object.hasOwn(dimensions, size) ? dimensions[size]! : size)) };
}

function toOrt({ type, data, shape }: Tensor): OrtTensor {
  const tensor = type === "string" ? new OrtTensor(type, [...data], shape) : new OrtTensor(type, data, shape);
  // The library makes a Float16Array of the bits where Node has one, and its native part then finds it empty (1.30 on Node 24).
  if (type === "float16") Object.defineProperty(tensor, "cpuData", { value: data });
  return tensor;
}

function fromOrt(value: OrtTensor): Tensor {
  const { type, dims: shape, data } = value;
  if (type === "float16") {
    const { buffer, byteOffset, byteLength } = data as Uint16Array;
    return { type, shape, data: new Uint16Array(buffer, byteOffset, byteLength / 2) };
  }
  // The library's map from types to arrays is ours, with 4-bit types beside it that no output here has.
  return { type, shape, data } as Tensor;
}

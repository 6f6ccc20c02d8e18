import type { TensorType } from "../../../protocol/infer.ts";
import type { Tensors } from "./tensors.ts";

/** An input or output of a graph. */
export interface GraphValue {
  readonly name: string;
  readonly type: TensorType;
  /** Sizes; a name where the size is free. Empty also where the graph does not say. */
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

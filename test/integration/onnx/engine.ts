import type { TestContext } from "node:test";
import { join } from "node:path";
import { systemClock } from "../../../base/system-clock.ts";
import { OnnxOptions } from "../../../protocol/config.ts";
import type { TensorData } from "../../../protocol/infer.ts";
import { Graphs } from "../../../runtime/backends/onnx/graphs.ts";
import { loadOnnx } from "../../../runtime/backends/onnx/index.ts";
import { OptimizedGraphs } from "../../../runtime/backends/onnx/optimized.ts";
import { quietEngine } from "../../../runtime/backends/onnx/options.ts";
import type { TaskModel } from "../../../runtime/backends/task-model.ts";
import { ask } from "../../drivers/task-model.ts";
import { temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";

type Asked = Readonly<Record<string, unknown>>;

/** Graphs on one thread, closed with the test. */
export function openGraphs(t: Pick<TestContext, "after">, asked: Asked = {}): Graphs {
  quietEngine();
  const graphs = new Graphs({ threads: 1, providers: ["cpu"], onnx: OnnxOptions.parse({ cache_optimized: false, ...asked }) }, new OptimizedGraphs(join(temporaryFolder(t), "onnx"), []), systemClock);
  t.after(async () => await graphs.dispose());
  return graphs;
}

/** A model as the host loads it; its state folder ends with the test unless one is given. */
export async function loadModel(t: Pick<TestContext, "after">, path: string, { home, ...asked }: Asked & { readonly home?: string } = {}): Promise<TaskModel> {
  const model = await loadOnnx({ clock: systemClock, home: home ?? temporaryFolder(t) })({ path, threads: 1, onnx: OnnxOptions.parse(asked), checkMemory: true });
  t.after(async () => await model.dispose());
  return model;
}

export const floats = (values: readonly number[], shape: readonly number[]): TensorData => ({ type: "float32", shape, data: new Uint8Array(Float32Array.from(values).buffer) });

/** One request of a model for raw tensors. */
export const infer = async (model: TaskModel, inputs: Readonly<Record<string, TensorData>>, outputs: readonly string[] | null = null): Promise<Readonly<Record<string, TensorData>>> =>
  (await ask(model, { task: "raw", inputs, outputs })).outputs;

export function valuesOf({ data }: TensorData): number[] {
  if (!(data instanceof Uint8Array)) throw new TypeError("These are texts.");
  return [...new Float32Array(new Uint8Array(data).buffer)];
}

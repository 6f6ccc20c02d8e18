import { fromBinary } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "onnx-buf";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../base/system-clock.ts";
import { halfToNumber } from "../../../base/half.ts";
import { OnnxOptions } from "../../../protocol/config.ts";
import { Graphs } from "../../../runtime/backends/onnx/graphs.ts";
import { OptimizedGraphs } from "../../../runtime/backends/onnx/optimized.ts";
import { quietEngine } from "../../../runtime/backends/onnx/options.ts";
import type { Session } from "../../../runtime/backends/onnx/session.ts";
import { describe, type Tensor, type Tensors } from "../../../runtime/backends/onnx/tensors.ts";
import { elementType } from "../../../runtime/onnx-file/element.ts";
import { readModel, type OnnxModel } from "../../../runtime/onnx-file/model.ts";
import { readTensor } from "../../../runtime/onnx-file/tensor.ts";

/** The operator tests of the ONNX project as Debian packs them: a model each, with tensors that go in and those that have to come out. */
export const testData = "/usr/share/libonnx-testdata/data";
export const groups = ["node", "simple", "pytorch-operator", "pytorch-converted"] as const;

export const isInstalled = (): boolean => existsSync(testData);
export const casesOf = (group: string): string[] => readdirSync(join(testData, group)).filter((name) => existsSync(join(testData, group, name, "model.onnx"))).toSorted();

/** As the project's own runner compares. */
const [relative, absolute] = [1e-3, 1e-7];

/** Null when the model gives what it has to, else why not. */
export async function problemOf(group: string, name: string): Promise<string | null> {
  quietEngine();
  const folder = join(testData, group, name);
  const onnx = OnnxOptions.parse({ cache_optimized: false });
  const graphs = new Graphs({ threads: 1, providers: ["cpu"], onnx }, new OptimizedGraphs("", []), systemClock);
  try {
    const model = readModel(join(folder, "model.onnx"));
    const session = await graphs.open(join(folder, "model.onnx"));
    for (const set of readdirSync(folder).filter((entry) => entry.startsWith("test_data_set_"))) {
      const problem = await differs(session, model, join(folder, set));
      if (problem !== null) return problem;
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(`${folder}/model.onnx`, "the model").replaceAll(/\s+/g, " ") : String(error);
  } finally {
    await graphs.dispose();
  }
}

async function differs(session: Session, model: OnnxModel, folder: string): Promise<string | null> {
  const initial = new Set(model.graph.initializer.map(({ name }) => name));
  const inputs = model.graph.input.map(({ name }) => name).filter((name) => !initial.has(name));
  const read = (kind: string, index: number): Tensor | null => {
    const path = join(folder, `${kind}_${index}.pb`);
    return existsSync(path) ? tensorOf(model, new Uint8Array(readFileSync(path))) : null;
  };
  const feeds: Record<string, Tensor> = {};
  for (const [index, name] of inputs.entries()) {
    const tensor = read("input", index);
    if (tensor !== null) feeds[name] = tensor;
  }
  const outputs: Tensors = await session.run(feeds);
  for (const [index, { name }] of model.graph.output.entries()) {
    const [wanted, got] = [read("output", index), outputs[name]];
    if (wanted === null) continue;
    if (got === undefined) return `The output "${name}" is not a tensor that Inferno can read.`;
    const problem = difference(got, wanted);
    if (problem !== null) return `The output "${name}" ${problem}`;
  }
  return null;
}

function tensorOf(model: OnnxModel, bytes: Uint8Array): Tensor {
  const message = fromBinary(TensorProtoSchema, bytes);
  if (elementType(message.dataType) === "string") {
    return { type: "string", shape: message.dims.map(Number), data: message.stringData.map((text) => new TextDecoder().decode(text)) };
  }
  const { type, dims, values } = readTensor(model, message);
  // The reader's arrays are ours for every type that a session takes; the others never come as far as a run.
  return { type, shape: dims, data: values } as Tensor;
}

function difference(got: Tensor, wanted: Tensor): string | null {
  const [is, should] = [describe(got.type, got.shape), describe(wanted.type, wanted.shape)];
  if (is !== should) return `is ${is} and should be ${should}.`;
  const [a, b] = [numbers(got), numbers(wanted)];
  const place = b.findIndex((value, index) => !isNear(a[index], value));
  return place < 0 ? null : `has ${String(a[place])} at ${place} and should have ${String(b[place])}.`;
}

const numbers = ({ type, data }: Tensor): (number | bigint | string)[] => (type === "float16" ? Array.from(data, halfToNumber) : Array.from<number | bigint | string>(data));

function isNear(a: unknown, b: unknown): boolean {
  if (typeof a !== "number" || typeof b !== "number" || Number.isNaN(b) || !Number.isFinite(b)) return Object.is(a, b) || a === b;
  return Math.abs(a - b) <= absolute + relative * Math.abs(b);
}

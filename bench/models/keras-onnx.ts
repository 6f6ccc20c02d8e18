import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType, AttributeProtoSchema, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema, TensorProto_DataType as DataType, TensorProtoSchema,
  TensorShapeProto_DimensionSchema, TensorShapeProtoSchema, TypeProto_TensorSchema, TypeProtoSchema, ValueInfoProtoSchema, type AttributeProto, type NodeProto, type TensorProto, type ValueInfoProto,
} from "onnx-buf";
import type { KerasConfig, KerasLayer, KerasModel, KerasWeights } from "./keras-model.ts";

/** An ONNX file of a Keras model of convolutions: float32 [batch, 3, side, side] in, [batch, classes] out. */
export function kerasToOnnx(model: KerasModel, side: number, classes: number): Uint8Array {
  const graph = new Graph(model.weights);
  for (const layer of model.layers) graph.add(layer);
  const output = model.layers.at(-1)?.name ?? "";
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, {
    irVersion: 10n, producerName: "inferno", opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: 17n })],
    graph: create(GraphProtoSchema, {
      name: "keras", node: graph.nodes, initializer: graph.tensors,
      input: [value("input", ["batch", 3, side, side])], output: [value(graph.outputOf(output), ["batch", classes])],
    }),
  }));
}

class Graph {
  readonly nodes: NodeProto[] = [];
  readonly tensors: TensorProto[] = [];
  /** Layers that do nothing when a model is used stand for their input. */
  readonly #standsFor = new Map<string, string>();
  readonly #weights: ReadonlyMap<string, KerasWeights>;

  constructor(weights: ReadonlyMap<string, KerasWeights>) {
    this.#weights = weights;
  }

  outputOf(layer: string): string {
    return this.#standsFor.get(layer) ?? layer;
  }

  add({ name, kind, config, inputs }: KerasLayer): void {
    const from = inputs.map((input) => this.outputOf(input));
    switch (kind) {
      case "InputLayer": this.#standsFor.set(name, "input"); break;
      case "Dropout": this.#standsFor.set(name, from[0] ?? ""); break;
      case "ZeroPadding2D": this.#node("Pad", [...from, this.#constant(`${name}/pads`, padsOf(config))], name); break;
      case "Conv2D": this.#convolution(name, config, from, this.#weight(name, "kernel", [3, 2, 0, 1]), 1); break;
      case "DepthwiseConv2D": {
        const channels = this.#read(name, "depthwise_kernel").shape[2] ?? 0;
        this.#convolution(name, config, from, this.#weight(name, "depthwise_kernel", [2, 3, 0, 1]), channels);
        break;
      }
      case "BatchNormalization":
        this.#node("BatchNormalization", [...from, ...["gamma", "beta", "moving_mean", "moving_variance"].map((part) => this.#weight(name, part))], name, [float("epsilon", config.epsilon ?? 0.001)]);
        break;
      case "ReLU": this.#node("Clip", [...from, this.#scalar(`${name}/least`, 0), this.#scalar(`${name}/most`, config.max_value ?? Infinity)], name); break;
      case "Add": this.#node("Add", from, name); break;
      case "AveragePooling2D": this.#node("AveragePool", from, name, [integers("kernel_shape", config.pool_size ?? []), integers("strides", config.strides ?? [])]); break;
      case "Flatten": this.#node("Flatten", from, name); break;
      case "Dense": this.#dense(name, config, from); break;
      default: throw new Error(`Layers of the kind ${kind} are not converted.`);
    }
  }

  #convolution(name: string, { strides = [1, 1], padding }: KerasConfig, from: readonly string[], kernel: string, group: number): void {
    this.#node("Conv", [...from, kernel], name, [integers("strides", strides), integer("group", group), text("auto_pad", padding === "same" ? "SAME_UPPER" : "VALID")]);
  }

  #dense(name: string, { activation }: KerasConfig, from: readonly string[]): void {
    const linear = `${name}/linear`;
    this.#node("Gemm", [...from, this.#weight(name, "kernel"), this.#weight(name, "bias")], linear);
    this.#node(activation === "softmax" ? "Softmax" : "Relu", [linear], name);
  }

  #read(layer: string, part: string): KerasWeights {
    const found = this.#weights.get(`${layer}/${part}`);
    if (found === undefined) throw new Error(`The layer ${layer} has no weights "${part}".`);
    return found;
  }

  /** `order`: which of Keras' dimensions, which end with the channels, comes where. */
  #weight(layer: string, part: string, order?: readonly number[]): string {
    const { shape, values } = this.#read(layer, part);
    const name = `${layer}/${part}`;
    this.tensors.push(order === undefined ? tensor(name, shape, values) : tensor(name, order.map((axis) => shape[axis] ?? 0), permuted(values, shape, order)));
    return name;
  }

  #scalar(name: string, number: number): string {
    this.tensors.push(tensor(name, [], Float32Array.of(number)));
    return name;
  }

  #constant(name: string, numbers: readonly number[]): string {
    this.tensors.push(create(TensorProtoSchema, { name, dataType: DataType.INT64, dims: [BigInt(numbers.length)], int64Data: numbers.map(BigInt) }));
    return name;
  }

  #node(opType: string, input: readonly string[], output: string, attribute: AttributeProto[] = []): void {
    this.nodes.push(create(NodeProtoSchema, { opType, name: output, input: [...input], output: [output], attribute }));
  }
}

/** Keras pads height and width; ONNX lists the begins of all dimensions, then the ends. */
function padsOf({ padding }: KerasConfig): number[] {
  if (typeof padding !== "object") throw new Error("The padding is not listed.");
  const [[top, bottom], [left, right]] = padding;
  return [0, 0, top, left, 0, 0, bottom, right];
}

function permuted(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const out = new Float32Array(values.length);
  let at = 0;
  const walk = (depth: number, from: number): void => {
    const axis = order[depth];
    if (axis === undefined) out[at++] = values[from] ?? 0;
    else for (let index = 0; index < (shape[axis] ?? 0); index += 1) walk(depth + 1, from + index * (strides[axis] ?? 0));
  };
  walk(0, 0);
  return out;
}

function tensor(name: string, dims: readonly number[], values: Float32Array): TensorProto {
  return create(TensorProtoSchema, { name, dataType: DataType.FLOAT, dims: dims.map(BigInt), rawData: Uint8Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) });
}

function value(name: string, dims: readonly (number | string)[]): ValueInfoProto {
  const dim = dims.map((size) => create(TensorShapeProto_DimensionSchema, { value: typeof size === "string" ? { case: "dimParam", value: size } : { case: "dimValue", value: BigInt(size) } }));
  const tensorType = create(TypeProto_TensorSchema, { elemType: DataType.FLOAT, shape: create(TensorShapeProtoSchema, { dim }) });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensorType } }) });
}

const integer = (name: string, number: number): AttributeProto => create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(number) });
const integers = (name: string, numbers: readonly number[]): AttributeProto => create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: numbers.map(BigInt) });
const float = (name: string, number: number): AttributeProto => create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: number });
const text = (name: string, content: string): AttributeProto => create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(content) });

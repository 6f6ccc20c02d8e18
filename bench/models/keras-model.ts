import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A Keras layers model as TensorFlow.js keeps it: layers in order, weights of one byte each. */
export interface KerasModel {
  readonly layers: readonly KerasLayer[];
  readonly weights: ReadonlyMap<string, KerasWeights>;
}

export interface KerasLayer {
  readonly name: string;
  readonly kind: string;
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[];
  readonly config: KerasConfig;
}

/** Of each kind of layer the fields that change what it computes. */
export interface KerasConfig {
  readonly strides?: readonly [number, number];
  readonly padding?: "same" | "valid" | readonly [readonly [number, number], readonly [number, number]];
  readonly activation?: "linear" | "relu" | "softmax";
  readonly max_value?: number;
  readonly epsilon?: number;
  readonly pool_size?: readonly [number, number];
}

export interface KerasWeights {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface ModelJson {
  readonly modelTopology: { readonly model_config: { readonly config: { readonly layers: readonly { readonly name: string; readonly class_name: string; readonly config: KerasConfig; readonly inbound_nodes: readonly (readonly (readonly [string, ...unknown[]])[])[] }[] } } };
  readonly weightsManifest: readonly [{ readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly quantization: { readonly min: number; readonly scale: number } }[] }];
}

/** MobileNetV2 of the npm package nsfwjs: 224 × 224 pixels, 0 to 1, five labels. Its files are scripts that hold JSON and base64. */
export function readMobileNet(): KerasModel {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("nsfwjs")), "../models/mobilenet_v2");
  const { modelTopology, weightsManifest: [{ weights }] } = require(join(folder, "model.min.js")) as ModelJson;
  const bytes = Buffer.from(require(join(folder, "group1-shard1of1.min.js")) as string, "base64");
  const layers = modelTopology.model_config.config.layers.map(({ name, class_name: kind, config, inbound_nodes: [from = []] }) => ({ name, kind, config, inputs: from.map(([input]) => input) }));
  let at = 0;
  const values = weights.map(({ name, shape, quantization: { min, scale } }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const part = bytes.subarray(at, at += size);
    return [name, { shape, values: Float32Array.from(part, (byte) => byte * scale + min) }] as const;
  });
  return { layers, weights: new Map(values) };
}

/** In the order of its outputs. */
export const mobileNetLabels = ["drawing", "explicit drawing", "neutral", "explicit", "suggestive"];

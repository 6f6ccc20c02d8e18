import type { KerasConfig, KerasLayer, KerasModel, KerasWeights } from "../../../bench/models/keras-model.ts";

/** Height, width, channels, in this order in memory. */
export interface FeatureMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Float32Array;
}

/** What a Keras model says of one image, computed as its layers are defined and as slowly as that is: the witness for what a faster engine says. */
export function runKeras(model: KerasModel, image: FeatureMap): Float32Array {
  const outputs = new Map<string, FeatureMap>();
  let last = image;
  for (const layer of model.layers) {
    const inputs = layer.inputs.map((name) => outputs.get(name));
    last = layer.kind === "InputLayer" ? image : runLayer(layer, inputs, (part) => weightsOf(model, layer.name, part));
    outputs.set(layer.name, last);
  }
  return last.values;
}

function weightsOf(model: KerasModel, layer: string, part: string): KerasWeights {
  const found = model.weights.get(`${layer}/${part}`);
  if (found === undefined) throw new Error(`${layer} has no ${part}`);
  return found;
}

function runLayer({ kind, config }: KerasLayer, [first, second]: readonly (FeatureMap | undefined)[], weights: (part: string) => KerasWeights): FeatureMap {
  if (first === undefined) throw new Error(`the input of a layer ${kind} is not there yet`);
  switch (kind) {
    case "Dropout": return first;
    case "Flatten": return { height: 1, width: 1, channels: first.values.length, values: first.values };
    case "ZeroPadding2D": return padded(first, config);
    case "Conv2D": return convolved(first, config, weights("kernel"), false);
    case "DepthwiseConv2D": return convolved(first, config, weights("depthwise_kernel"), true);
    case "BatchNormalization": return normalized(first, config, weights);
    case "ReLU": return { ...first, values: first.values.map((value) => Math.min(config.max_value ?? Infinity, Math.max(0, value))) };
    case "Add": return { ...first, values: first.values.map((value, at) => value + (second?.values[at] ?? Number.NaN)) };
    case "AveragePooling2D": return averaged(first);
    case "Dense": return dense(first, config, weights("kernel"), weights("bias").values);
    default: throw new Error(`no layer ${kind}`);
  }
}

const empty = (height: number, width: number, channels: number): FeatureMap => ({ height, width, channels, values: new Float32Array(height * width * channels) });

function padded({ height, width, channels, values }: FeatureMap, { padding }: KerasConfig): FeatureMap {
  if (typeof padding !== "object") throw new Error("no list of paddings");
  const [[top, bottom], [left, right]] = padding;
  const out = empty(height + top + bottom, width + left + right, channels);
  for (let y = 0; y < height; y += 1) out.values.set(values.subarray(y * width * channels, (y + 1) * width * channels), ((y + top) * out.width + left) * channels);
  return out;
}

/** `each`: every channel has a kernel of its own, else every output channel sees all. */
function convolved(input: FeatureMap, { strides: [stride] = [1, 1], padding }: KerasConfig, { shape, values: kernel }: KerasWeights, each: boolean): FeatureMap {
  const [size = 1, , channels = 1, filters = 1] = shape;
  // Only odd kernels with a stride of 1 are padded by "same" here: the same number on both sides.
  const before = padding === "same" ? (size - 1) / 2 : 0;
  const side = (length: number) => Math.floor((length + 2 * before - size) / stride) + 1;
  const out = empty(side(input.height), side(input.width), each ? channels : filters);
  for (let y = 0; y < out.height; y += 1) {
    for (let x = 0; x < out.width; x += 1) {
      const to = (y * out.width + x) * out.channels;
      for (let tap = 0; tap < size * size; tap += 1) {
        const [fromY, fromX] = [y * stride - before + Math.floor(tap / size), x * stride - before + tap % size];
        if (fromY < 0 || fromY >= input.height || fromX < 0 || fromX >= input.width) continue;
        const from = (fromY * input.width + fromX) * channels;
        for (let channel = 0; channel < channels; channel += 1) {
          const value = input.values[from + channel]!;
          const at = (tap * channels + channel) * filters;
          if (each) out.values[to + channel]! += value * kernel[at]!;
          else for (let filter = 0; filter < filters; filter += 1) out.values[to + filter]! += value * kernel[at + filter]!;
        }
      }
    }
  }
  return out;
}

function normalized(input: FeatureMap, { epsilon = 0.001 }: KerasConfig, weights: (part: string) => KerasWeights): FeatureMap {
  const [gamma, beta, mean, variance] = ["gamma", "beta", "moving_mean", "moving_variance"].map((part) => weights(part).values);
  const scale = gamma!.map((factor, channel) => factor / Math.sqrt(variance![channel]! + epsilon));
  return { ...input, values: input.values.map((value, at) => (value - mean![at % input.channels]!) * scale[at % input.channels]! + beta![at % input.channels]!) };
}

/** Over all of it, as the one pool of this size does. */
function averaged({ height, width, channels, values }: FeatureMap): FeatureMap {
  const out = empty(1, 1, channels);
  values.forEach((value, at) => { out.values[at % channels]! += value / (height * width); });
  return out;
}

function dense({ values }: FeatureMap, { activation }: KerasConfig, { shape: [, units = 0], values: kernel }: KerasWeights, bias: Float32Array): FeatureMap {
  const sums = bias.map((start, unit) => values.reduce((sum, value, at) => sum + value * kernel[at * units + unit]!, start));
  const powers = sums.map((sum) => Math.exp(sum));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return { height: 1, width: 1, channels: units, values: activation === "softmax" ? powers.map((power) => power / total) : sums.map((sum) => Math.max(0, sum)) };
}

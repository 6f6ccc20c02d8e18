import { byteSize, type Gguf, type MetadataValue, type Tensor } from "./gguf.ts";
import { randomTensor } from "./random-model.ts";
import { mulberry32 } from "../../base/random.ts";

export interface Weight {
  readonly layers: number;
  readonly hidden: number;
}

/** About 300 million parameters at Ember's width. Few blocks: in many, attention's share would be larger than in any real model of this size. */
export const heavy: Weight = { layers: 12, hidden: 32_768 };

/**
 * Ember with the cost of a much larger model and the same answers: appended blocks add zero to the residual stream (`attn_output` and `ffn_down` are zero),
 * and the hidden layers grow by rows that meet zero columns. So speculation and caching can be measured on text that means something.
 */
export function heavyEmber(ember: Gguf, { layers, hidden }: Weight, seed = 1): Gguf {
  const next = mulberry32(seed);
  const own = number(ember, "qwen3.block_count");
  const widened = ember.tensors.map((tensor) => widen(tensor, hidden, next));
  const pattern = widened.filter(({ name }) => name.startsWith("blk.0."));
  const appended = Array.from({ length: layers - own }, (_, index) => pattern.map((tensor): Tensor => {
    const name = tensor.name.replace("blk.0.", `blk.${own + index}.`);
    if (/\.(attn_output|ffn_down)\./.test(name)) return { ...tensor, name, bytes: () => new Uint8Array(byteSize(tensor.type, tensor.shape)) };
    return tensor.type === "q8_0" ? randomTensor(name, tensor.shape, next) : { ...tensor, name };
  }));
  const metadata = new Map<string, MetadataValue>([
    ...ember.metadata,
    ["qwen3.block_count", { type: "u32", value: layers }],
    ["qwen3.feed_forward_length", { type: "u32", value: hidden }],
    ["general.name", { type: "string", value: "ember-heavy" }],
  ]);
  return { metadata, tensors: [...widened, ...appended.flat()] };
}

function number({ metadata }: Gguf, key: string): number {
  const entry = metadata.get(key);
  if (entry?.type !== "u32") throw new Error(`no whole number ${key}: not an Ember file`);
  return entry.value;
}

/** More hidden units for one feed-forward tensor: new rows of gate and up are random, and down does not look at them. */
function widen(tensor: Tensor, hidden: number, next: () => number): Tensor {
  const [rowLength = 0, rows = 0] = tensor.shape;
  if (/\.ffn_(gate|up)\./.test(tensor.name)) {
    const added = randomTensor(tensor.name, [rowLength, hidden - rows], next);
    return { ...tensor, shape: [rowLength, hidden], bytes: () => Buffer.concat([tensor.bytes(), added.bytes()]) };
  }
  if (!/\.ffn_down\./.test(tensor.name)) return tensor;
  const shape = [hidden, rows];
  return {
    ...tensor, shape,
    bytes: () => {
      const [from, to] = [byteSize(tensor.type, [rowLength]), byteSize(tensor.type, [hidden])];
      const [narrow, wide] = [tensor.bytes(), new Uint8Array(byteSize(tensor.type, shape))];
      for (let row = 0; row < rows; row += 1) wide.set(narrow.subarray(row * from, (row + 1) * from), row * to);
      return wide;
    },
  };
}

import { mulberry32 } from "../../base/random.ts";
import { vocabulary, type Vocabulary } from "./syllables.ts";
import { byteSize, type Gguf, type MetadataValue, type Tensor, type TensorType } from "./gguf.ts";

/** A shape of the llama architecture. */
export interface Shape {
  readonly name: string;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly context: number;
}

/** The shapes of small models that are in use, so that speed and memory are those of real ones. */
export const shapes = {
  "135m": { name: "random-135m", width: 576, layers: 30, heads: 9, kvHeads: 3, hidden: 1536, vocabulary: 49_152, context: 8192 },
  "0.5b": { name: "random-0.5b", width: 896, layers: 24, heads: 14, kvHeads: 2, hidden: 4864, vocabulary: 151_936, context: 8192 },
} as const satisfies Record<string, Shape>;

/** Scale of every block of weights, as float16: 5.1e-4 and 8.2e-3, which give weights a standard deviation of about 0.04. */
const blocks = { q8_0: { scale: 0x1026, bytes: 34 }, q4_0: { scale: 0x2030, bytes: 18 } } as const;
/** Sign and fraction of a float16 are random, its exponent is this: weights of 0.03 to 0.06, of either sign. */
const halfExponent = 10;
/** Of `llama_ftype`. */
const fileTypes = { f32: 0, f16: 1, q4_0: 2, q8_0: 7 } as const;

/** A model of random weights: what it says means nothing, what it costs is what a trained one of its shape costs. */
export function randomModel(shape: Shape, seed = 1, type: TensorType = "q8_0"): Gguf {
  const words = vocabulary(shape.vocabulary);
  const { width, hidden } = shape;
  const kvWidth = (width / shape.heads) * shape.kvHeads;
  const next = mulberry32(seed);
  const weights = (name: string, rowLength: number, rows: number): Tensor => randomTensor(name, [rowLength, rows], next, type);
  const layer = (index: number): Tensor[] => {
    const prefix = `blk.${index}`;
    return [
      ones(`${prefix}.attn_norm.weight`, width),
      weights(`${prefix}.attn_q.weight`, width, width),
      weights(`${prefix}.attn_k.weight`, width, kvWidth),
      weights(`${prefix}.attn_v.weight`, width, kvWidth),
      weights(`${prefix}.attn_output.weight`, width, width),
      ones(`${prefix}.ffn_norm.weight`, width),
      weights(`${prefix}.ffn_gate.weight`, width, hidden),
      weights(`${prefix}.ffn_down.weight`, hidden, width),
      weights(`${prefix}.ffn_up.weight`, width, hidden),
    ];
  };
  const embedding = weights("token_embd.weight", width, shape.vocabulary);
  return {
    metadata: metadata(shape, words, type),
    tensors: [
      // The embedding is the output layer too. A row of zeros gives the logit 0, which never wins against ten thousands of random ones:
      // so a greedy answer never ends early and consists of whole words.
      { ...embedding, bytes: () => embedding.bytes().fill(0, 0, byteSize(type, [words.firstWord * width])) },
      ones("output_norm.weight", width),
      ...Array.from({ length: shape.layers }, (_, index) => layer(index)).flat(),
    ],
  };
}

export function randomTensor(name: string, shape: readonly number[], next: () => number, type: TensorType = "q8_0"): Tensor {
  return {
    name, shape, type,
    bytes: () => {
      const bytes = new Uint8Array(byteSize(type, shape));
      const view = new DataView(bytes.buffer);
      if (type === "f32") {
        for (let at = 0; at < bytes.length; at += 4) view.setFloat32(at, (next() - 0.5) / 7, true);
        return bytes;
      }
      const whole = bytes.length - (bytes.length % 4);
      for (let at = 0; at < whole; at += 4) view.setUint32(at, next() * 2 ** 32, true);
      if (type === "f16") {
        for (let at = 0; at < bytes.length; at += 2) view.setUint16(at, (view.getUint16(at, true) & 0x83ff) | (halfExponent << 10), true);
        return bytes;
      }
      const block = blocks[type];
      for (let at = 0; at < bytes.length; at += block.bytes) view.setUint16(at, block.scale, true);
      return bytes;
    },
  };
}

function ones(name: string, length: number): Tensor {
  return { name, shape: [length], type: "f32", bytes: () => new Uint8Array(new Float32Array(length).fill(1).buffer) };
}

function metadata(shape: Shape, { tokens, merges, firstWord, end }: Vocabulary, type: TensorType): Map<string, MetadataValue> {
  const number = (value: number): MetadataValue => ({ type: "u32", value });
  const [normal, control] = [1, 3];
  return new Map<string, MetadataValue>([
    ["general.architecture", { type: "string", value: "llama" }],
    ["general.name", { type: "string", value: shape.name }],
    ["general.file_type", number(fileTypes[type])],
    ["llama.vocab_size", number(shape.vocabulary)],
    ["llama.context_length", number(shape.context)],
    ["llama.embedding_length", number(shape.width)],
    ["llama.block_count", number(shape.layers)],
    ["llama.feed_forward_length", number(shape.hidden)],
    ["llama.attention.head_count", number(shape.heads)],
    ["llama.attention.head_count_kv", number(shape.kvHeads)],
    ["llama.rope.dimension_count", number(shape.width / shape.heads)],
    ["llama.attention.layer_norm_rms_epsilon", { type: "f32", value: 1e-5 }],
    ["llama.rope.freq_base", { type: "f32", value: 10_000 }],
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "gpt-2" }],
    ["tokenizer.ggml.tokens", { type: "strings", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "i32s", value: tokens.map((_, index) => (index === end && index < firstWord ? control : normal)) }],
    ["tokenizer.ggml.merges", { type: "strings", value: merges }],
    ["tokenizer.ggml.bos_token_id", number(end)],
    ["tokenizer.ggml.eos_token_id", number(end)],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
    ["tokenizer.chat_template", {
      type: "string",
      value: "{% for message in messages %}{{ message['content'] }}<|end|>{% endfor %}",
    }],
  ]);
}

import { writeGguf, type MetadataValue, type Tensor } from "../../../bench/models/gguf.ts";

/** A BERT of random weights, some ten thousand of them: what it says means nothing, how it is computed is what a trained one does. */
export interface TinyBert {
  /** With a head that gives one score of a query and a document. */
  readonly classifier?: boolean;
  /** `bert.pooling_type`: 1 mean, 2 cls, 3 last; absent: the file does not say. */
  readonly pooling?: number;
  /** `general.tags`, as converters copy them from the model's card. */
  readonly tags?: readonly string[];
  /** Positions that it was trained for. */
  readonly context?: number;
}

export const tinyWidth = 32;
export const tinyContext = 64;
const [layers, heads, hidden] = [2, 4, 64];

const words = ["the", "cat", "dog", "sun", "moon", "is", "on", "red", "blue", "runs", "sleeps", "house", "tree", "where", "what"];
const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const letters = "abcdefghijklmnopqrstuvwxyz".split("");
/** Words and letters begin a word; letters go on with one too. */
const tokens = [...special, ...words.map((word) => `▁${word}`), ...letters.map((letter) => `▁${letter}`), ...letters];

export function writeTinyBert(path: string, { classifier = false, pooling, context = tinyContext, tags = [] }: TinyBert = {}): void {
  const next = generator(7);
  const tensor = (name: string, shape: readonly number[], around = 0): Tensor => ({ name, shape, type: "f32", bytes: () => random(shape, next, around) });
  const norm = (name: string): Tensor[] => [tensor(`${name}.weight`, [tinyWidth], 1), tensor(`${name}.bias`, [tinyWidth])];
  const linear = (name: string, from: number, to: number): Tensor[] => [tensor(`${name}.weight`, [from, to]), tensor(`${name}.bias`, [to])];
  const layer = (index: number): Tensor[] => [
    ...["attn_q", "attn_k", "attn_v", "attn_output"].flatMap((name) => linear(`blk.${index}.${name}`, tinyWidth, tinyWidth)),
    ...norm(`blk.${index}.attn_output_norm`),
    ...linear(`blk.${index}.ffn_up`, tinyWidth, hidden),
    ...linear(`blk.${index}.ffn_down`, hidden, tinyWidth),
    ...norm(`blk.${index}.layer_output_norm`),
  ];
  writeGguf(path, {
    metadata: metadata(pooling, context, tags),
    tensors: [
      tensor("token_embd.weight", [tinyWidth, tokens.length]),
      tensor("token_types.weight", [tinyWidth, 2]),
      tensor("position_embd.weight", [tinyWidth, context]),
      ...norm("token_embd_norm"),
      ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
      ...(classifier ? [...linear("cls", tinyWidth, tinyWidth), ...linear("cls.output", tinyWidth, 1)] : []),
    ],
  });
}

function metadata(pooling: number | undefined, context: number, tags: readonly string[]): Map<string, MetadataValue> {
  const number = (value: number): MetadataValue => ({ type: "u32", value });
  const [normal, control] = [1, 3];
  return new Map<string, MetadataValue>([
    ["general.architecture", { type: "string", value: "bert" }],
    ["general.name", { type: "string", value: "tiny-bert" }],
    ["general.tags", { type: "strings", value: tags }],
    ["bert.context_length", number(context)],
    ["bert.embedding_length", number(tinyWidth)],
    ["bert.block_count", number(layers)],
    ["bert.feed_forward_length", number(hidden)],
    ["bert.attention.head_count", number(heads)],
    ["bert.attention.layer_norm_epsilon", { type: "f32", value: 1e-12 }],
    ["bert.attention.causal", { type: "bool", value: false }],
    ...(pooling === undefined ? [] : [["bert.pooling_type", number(pooling)] as const]),
    ["tokenizer.ggml.model", { type: "string", value: "bert" }],
    ["tokenizer.ggml.pre", { type: "string", value: "default" }],
    ["tokenizer.ggml.token_type_count", number(2)],
    ["tokenizer.ggml.tokens", { type: "strings", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "i32s", value: tokens.map((_, id) => (id < special.length ? control : normal)) }],
    ["tokenizer.ggml.padding_token_id", number(0)],
    ["tokenizer.ggml.unknown_token_id", number(1)],
    ["tokenizer.ggml.bos_token_id", number(2)],
    ["tokenizer.ggml.seperator_token_id", number(3)],
    ["tokenizer.ggml.mask_token_id", number(4)],
  ]);
}

function random(shape: readonly number[], next: () => number, around: number): Uint8Array {
  const count = shape.reduce((product, length) => product * length, 1);
  return new Uint8Array(Float32Array.from({ length: count }, () => around + (next() - 0.5) * 0.6).buffer);
}

/** The same numbers on every machine: a linear congruence (Numerical Recipes' constants). */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

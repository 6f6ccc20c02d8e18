import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeGguf, type MetadataValue, type Tensor } from "../../../bench/models/gguf.ts";
import { readModel } from "../../../runtime/onnx-file/model.ts";
import { readTensor, toFloat32 } from "../../../runtime/onnx-file/tensor.ts";
import { dequantizeBlocks } from "../../../runtime/quantize/kernels/blocks.ts";
import { miniLmModel, miniLmPath } from "../minilm.ts";

const [layers, width, hidden] = [6, 384, 1536];

/** llama.cpp's names of a layer's parts, and the ONNX file's. */
const norms = { attn_output_norm: "attention_output_norm_layernorm", layer_output_norm: "mlp_output_norm_layernorm" };
const linears = {
  attn_q: ["attn.q_proj", width, width], attn_k: ["attn.k_proj", width, width], attn_v: ["attn.v_proj", width, width], attn_output: ["attn.o_proj", width, width],
  ffn_up: ["mlp.fc1", width, hidden], ffn_down: ["mlp.fc2", hidden, width],
} as const;

/** MiniLM as a GGUF file: the same weights, out of their four bits. */
export function writeMiniLmGguf(path: string): void {
  const source = readModel(join(miniLmPath, miniLmModel));
  const stored = new Map(source.graph.initializer.map((tensor) => [tensor.name, tensor]));
  const numbers = (name: string): Float32Array => {
    const tensor = stored.get(name);
    if (tensor === undefined) throw new Error(`no ${name}`);
    return toFloat32(readTensor(source, tensor));
  };
  const f32 = (name: string, shape: readonly number[], values: () => Float32Array): Tensor => ({
    name, shape, type: "f32", bytes: () => new Uint8Array(Float32Array.from(values()).buffer),
  });
  const matrix = (name: string, k: number, n: number): Float32Array => {
    const data = readTensor(source, stored.get(`${name}.weight_Q4`)!).values;
    return dequantizeBlocks({ data: Uint8Array.from(data, Number), scales: Float32Array.from(numbers(`${name}.weight_scales`)), zeroPoints: null }, { k, n, size: 32, bits: 4 });
  };
  const norm = (to: string, from: string): Tensor[] => ["weight", "bias"].map((part) => f32(`${to}.${part}`, [width], () => numbers(`${from}.${part}`)));
  const layer = (index: number): Tensor[] => [
    ...Object.entries(linears).flatMap(([to, [from, k, n]]) => [
      f32(`blk.${index}.${to}.weight`, [k, n], () => matrix(`model.layers.${index}.${from}.MatMul`, k, n)),
      f32(`blk.${index}.${to}.bias`, [n], () => numbers(`model.layers.${index}.${from}.Add.bias`)),
    ]),
    ...Object.entries(norms).flatMap(([to, from]) => norm(`blk.${index}.${to}`, `model.layers.${index}.${from}`)),
  ];
  const embedding = (to: string, from: string, count: number): Tensor => f32(to, [width, count], () => numbers(`.model.embeddings.${from}.weight`));
  const words = readFileSync(join(miniLmPath, "vocab.txt"), "utf8").trimEnd().split("\n");
  writeGguf(path, {
    metadata: metadata(words),
    tensors: [
      embedding("token_embd.weight", "word_embeddings", words.length), embedding("token_types.weight", "token_type_embeddings", 2), embedding("position_embd.weight", "position_embeddings", 512),
      ...norm("token_embd_norm", "model.layers.-1.embeddings_norm_layernorm"),
      ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    ],
  });
}

function metadata(words: readonly string[]): Map<string, MetadataValue> {
  const number = (value: number): MetadataValue => ({ type: "u32", value });
  const isSpecial = (word: string): boolean => /^\[(PAD|UNK|CLS|SEP|MASK)\]$/.test(word);
  // llama.cpp marks what begins a word, BERT what goes on with one.
  const written = words.map((word) => (isSpecial(word) ? word : word.startsWith("##") ? word.slice(2) : `▁${word}`));
  const [normal, control] = [1, 3];
  const id = (word: string): MetadataValue => number(words.indexOf(word));
  return new Map<string, MetadataValue>([
    ["general.architecture", { type: "string", value: "bert" }], ["general.name", { type: "string", value: "all-MiniLM-L6-v2" }],
    ["bert.context_length", number(512)], ["bert.embedding_length", number(width)], ["bert.block_count", number(layers)],
    ["bert.feed_forward_length", number(hidden)], ["bert.attention.head_count", number(12)],
    ["bert.attention.layer_norm_epsilon", { type: "f32", value: 1e-12 }], ["bert.attention.causal", { type: "bool", value: false }],
    ["bert.pooling_type", number(1)],
    ["tokenizer.ggml.model", { type: "string", value: "bert" }], ["tokenizer.ggml.pre", { type: "string", value: "default" }], ["tokenizer.ggml.token_type_count", number(2)],
    ["tokenizer.ggml.tokens", { type: "strings", value: written }],
    ["tokenizer.ggml.token_type", { type: "i32s", value: words.map((word) => (isSpecial(word) ? control : normal)) }],
    ["tokenizer.ggml.padding_token_id", id("[PAD]")], ["tokenizer.ggml.unknown_token_id", id("[UNK]")], ["tokenizer.ggml.bos_token_id", id("[CLS]")],
    ["tokenizer.ggml.seperator_token_id", id("[SEP]")], ["tokenizer.ggml.mask_token_id", id("[MASK]")],
  ]);
}

import { readGguf, writeGguf, type MetadataValue, type Tensor } from "../../../bench/models/gguf.ts";

export const loraRank = 4;

/** A LoRA adapter of random weights for the attention of a model: it makes nonsense of the answers, and always the same. */
export function writeRandomLora(path: string, basePath: string, seed: number): void {
  const base = readGguf(basePath);
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32 - 0.5;
  const tensor = (name: string, shape: readonly [number, number]): Tensor => ({
    name, shape, type: "f32", bytes: () => new Uint8Array(Float32Array.from({ length: shape[0] * shape[1] }, () => next() * 2).buffer),
  });
  const targets = base.tensors.filter(({ name }) => /\.attn_(q|v)\.weight$/.test(name));
  writeGguf(path, {
    metadata: new Map<string, MetadataValue>([
      ["general.type", { type: "string", value: "adapter" }],
      ["general.architecture", base.metadata.get("general.architecture") ?? { type: "string", value: "qwen3" }],
      ["adapter.type", { type: "string", value: "lora" }],
      ["adapter.lora.alpha", { type: "f32", value: loraRank }],
    ]),
    tensors: targets.flatMap(({ name, shape: [from = 0, to = 0] }) => [tensor(`${name}.lora_a`, [from, loraRank]), tensor(`${name}.lora_b`, [loraRank, to])]),
  });
}

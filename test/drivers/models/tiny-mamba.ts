import { readGguf, writeGguf, type MetadataValue, type Tensor } from "../../../bench/models/gguf.ts";

const width = 32;
const inner = 2 * width;
const [state, convolution, rank, layers] = [8, 4, 4, 2];

/** A recurrent model of random weights, with the vocabulary of another file: it talks nonsense, and always the same. */
export function writeTinyMamba(path: string, vocabularyPath: string): void {
  const { metadata } = readGguf(vocabularyPath);
  const tokenizer = [...metadata].filter(([key]) => key.startsWith("tokenizer."));
  const words = metadata.get("tokenizer.ggml.tokens");
  const size = words?.type === "strings" ? words.value.length : 1536;
  let seed = 1;
  const next = (): number => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32 - 0.5;
  const tensor = (name: string, shape: readonly number[], value: () => number = next): Tensor => ({
    name, shape, type: "f32", bytes: () => new Uint8Array(Float32Array.from({ length: shape.reduce((product, length) => product * length, 1) }, value).buffer),
  });
  const u32 = (value: number): MetadataValue => ({ type: "u32", value });
  writeGguf(path, {
    metadata: new Map<string, MetadataValue>([
      ["general.architecture", { type: "string", value: "mamba" }],
      ["general.name", { type: "string", value: "tiny-mamba" }],
      ["mamba.context_length", u32(1024)], ["mamba.embedding_length", u32(width)], ["mamba.block_count", u32(layers)],
      ["mamba.feed_forward_length", u32(0)], ["mamba.attention.head_count", u32(0)],
      ["mamba.ssm.conv_kernel", u32(convolution)], ["mamba.ssm.inner_size", u32(inner)], ["mamba.ssm.state_size", u32(state)],
      ["mamba.ssm.time_step_rank", u32(rank)], ["mamba.attention.layer_norm_rms_epsilon", { type: "f32", value: 1e-5 }],
      ...tokenizer,
    ]),
    tensors: [
      tensor("token_embd.weight", [width, size]),
      tensor("output_norm.weight", [width], () => 1),
      ...Array.from({ length: layers }, (_, index) => [
        tensor(`blk.${index}.attn_norm.weight`, [width], () => 1),
        tensor(`blk.${index}.ssm_in.weight`, [width, 2 * inner]),
        tensor(`blk.${index}.ssm_conv1d.weight`, [convolution, inner]),
        tensor(`blk.${index}.ssm_conv1d.bias`, [inner]),
        tensor(`blk.${index}.ssm_x.weight`, [inner, rank + 2 * state]),
        tensor(`blk.${index}.ssm_dt.weight`, [rank, inner]),
        tensor(`blk.${index}.ssm_dt.bias`, [inner]),
        // Negative: the state decays.
        tensor(`blk.${index}.ssm_a`, [state, inner], () => next() - 1),
        tensor(`blk.${index}.ssm_d`, [inner]),
        tensor(`blk.${index}.ssm_out.weight`, [inner, width]),
      ]).flat(),
    ],
  });
}

/** Builds GGUF files for tests, from the format's description: whole ones, and ones that are wrong in a chosen place. */

type Part = Uint8Array;

const encoder = new TextEncoder();
export const u32 = (value: number): Part => new Uint8Array(new Uint32Array([value]).buffer);
export const u64 = (value: number): Part => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);
export const text = (value: string): Part => join(u64(encoder.encode(value).length), encoder.encode(value));

export function join(...parts: readonly Part[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

export interface TensorSpec { readonly name: string; readonly dimensions: readonly number[]; readonly type: number; readonly offset: number }

export interface GgufSpec {
  readonly magic?: string;
  readonly version?: number;
  /** Encoded key, type and value of each entry. */
  readonly metadata?: readonly Part[];
  readonly tensors?: readonly TensorSpec[];
  /** Counts to claim, where they shall differ from what is there. */
  readonly claimed?: { readonly metadata?: number; readonly tensors?: number };
  readonly alignment?: number;
  readonly dataBytes?: number;
}

export const metadataText = (key: string, value: string): Part => join(text(key), u32(8), text(value));
export const metadataTexts = (key: string, values: readonly string[]): Part => join(text(key), u32(9), u32(8), u64(values.length), ...values.map(text));
export const metadataU32 = (key: string, value: number): Part => join(text(key), u32(4), u32(value));

/** One F32 tensor of 8 values, unless told otherwise. */
export function ggufBytes(spec: GgufSpec = {}): Uint8Array {
  const metadata = spec.metadata ?? [metadataText("general.architecture", "llama"), metadataTexts("tokenizer.ggml.tokens", ["a", "b"])];
  const tensors = spec.tensors ?? [{ name: "token_embd.weight", dimensions: [4, 2], type: 0, offset: 0 }];
  const header = join(
    encoder.encode(spec.magic ?? "GGUF"), u32(spec.version ?? 3), u64(spec.claimed?.tensors ?? tensors.length), u64(spec.claimed?.metadata ?? metadata.length),
    ...metadata,
    ...tensors.map(({ name, dimensions, type, offset }) => join(text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset))),
  );
  const alignment = spec.alignment ?? 32;
  const padding = (alignment - (header.length % alignment)) % alignment;
  return join(header, new Uint8Array(padding + (spec.dataBytes ?? 32)));
}

import type { FillTokens } from "../backend.ts";
import type { Binding, Pointer } from "./native/llama.generated.ts";

/** The tokens around a gap to fill, where the vocabulary has all three that it takes. */
export function fillTokens(binding: Binding, vocab: Pointer): FillTokens | undefined {
  const prefix = binding.llama_vocab_fim_pre(vocab);
  const suffix = binding.llama_vocab_fim_suf(vocab);
  const middle = binding.llama_vocab_fim_mid(vocab);
  if (prefix < 0 || suffix < 0 || middle < 0) return undefined;
  const optional = (token: number): number | null => (token < 0 ? null : token);
  return { prefix, suffix, middle, repository: optional(binding.llama_vocab_fim_rep(vocab)), file: optional(binding.llama_vocab_fim_sep(vocab)) };
}

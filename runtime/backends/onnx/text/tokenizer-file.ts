import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { TokenStyle } from "./token-pieces.ts";

/** What we look at ourselves; the library checks the rest. */
const TokenizerJson = z.looseObject({
  added_tokens: z.array(z.looseObject({ content: z.string(), special: z.boolean().optional() })).default([]),
  decoder: z.looseObject({ type: z.string(), decoders: z.array(z.looseObject({ type: z.string() })).optional() }).nullable(),
  model: z.looseObject({ type: z.string().optional(), continuing_subword_prefix: z.string().nullish() }),
  padding: z.looseObject({ pad_id: z.int() }).nullish(),
});
const TokenizerConfig = z.looseObject({ pad_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish() });

/** What we use of the library's class. */
export interface LibraryTokenizer {
  /** Token types are absent where the tokenizer does not tell two texts apart. */
  encode(text: string, options: { readonly text_pair: string | null; readonly return_token_type_ids: true }): {
    readonly ids: readonly number[]; readonly tokens: readonly string[]; readonly token_type_ids?: readonly number[];
  };
  decode(ids: readonly number[], options?: { readonly skip_special_tokens?: boolean }): string;
  token_to_id(token: string): number | undefined;
  /** Token → id. */
  get_vocab(): ReadonlyMap<string, number>;
}

/** A `tokenizer.json`, with the `tokenizer_config.json` beside it where there is one. */
export interface TokenizerFile {
  readonly tokenizer: LibraryTokenizer;
  readonly vocabulary: number;
  /** The token that fills up shorter texts of a batch. Models look away from it, so any will do where none is named. */
  readonly padId: number;
  readonly style: TokenStyle;
}

/** Throws InfernoError `manifest_invalid`. The file's own truncation and padding are for training: they are not followed. */
export async function readTokenizer(path: string): Promise<TokenizerFile> {
  const json = await parsed(path, TokenizerJson);
  const beside = join(dirname(path), "tokenizer_config.json");
  const config = existsSync(beside) ? await parsed(beside, TokenizerConfig) : {};
  try {
    const tokenizer = new Tokenizer(json, config);
    const padToken = typeof config.pad_token === "object" ? config.pad_token?.content : config.pad_token;
    return {
      tokenizer,
      vocabulary: tokenizer.get_vocab().size,
      padId: json.padding?.pad_id ?? (padToken === undefined ? undefined : tokenizer.token_to_id(padToken)) ?? 0,
      style: styleOf(json, tokenizer),
    };
  } catch (cause) {
    throw notATokenizer(path, cause);
  }
}

function styleOf({ decoder, model, added_tokens: added }: z.infer<typeof TokenizerJson>, tokenizer: Tokenizer): TokenStyle {
  return {
    byteLevel: [decoder, ...(decoder?.decoders ?? [])].some((part) => part?.type === "ByteLevel"),
    continuing: model.type === "WordPiece" ? model.continuing_subword_prefix ?? "" : "",
    unknown: tokenizer.model?.unk_token ?? null,
    special: new Set(added.filter(({ special }) => special === true).map(({ content }) => content)),
  };
}

async function parsed<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw notATokenizer(path, cause);
  }
}

function notATokenizer(path: string, cause: unknown): InfernoError {
  const why = cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : String(cause);
  return new InfernoError("manifest_invalid", `tokenizer: ${basename(path)} is not a tokenizer of Hugging Face's: ${why}`, {
    cause, hint: "Take the tokenizer.json that was published with the model.",
  });
}

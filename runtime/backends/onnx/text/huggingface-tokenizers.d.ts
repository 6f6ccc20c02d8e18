/**
 * What we use of the library. Its own declarations import each other without file extensions, which Node's module resolution does not follow:
 * every type of it would be `any`.
 */
declare module "@huggingface/tokenizers" {
  export interface Encoding {
    readonly ids: number[];
    readonly tokens: string[];
    readonly token_type_ids?: number[];
  }

  export class Tokenizer {
    readonly model: { readonly unk_token?: string } | null;
    constructor(tokenizer: object, config: object);
    encode(text: string, options: { readonly text_pair: string | null; readonly return_token_type_ids: true }): Encoding;
    decode(ids: readonly number[], options?: { readonly skip_special_tokens?: boolean }): string;
    token_to_id(token: string): number | undefined;
    get_vocab(): Map<string, number>;
  }
}

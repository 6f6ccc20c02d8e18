import { fold } from "./fold.ts";

/** How a tokenizer writes its tokens. */
export interface TokenStyle {
  readonly byteLevel: boolean;
  readonly continuing: string;
  /** Stands for what the vocabulary does not have. */
  readonly unknown: string | null;
  /** Tokens that are put around texts, and may be written in them. */
  readonly special: ReadonlySet<string>;
}

/** What a token stands for in the text, folded. */
export type Piece = { readonly kind: "text"; readonly text: string } | { readonly kind: "unknown" } | { readonly kind: "nothing" };

export function piecesOf(tokens: readonly string[], style: TokenStyle): Piece[] {
  // One decoder for all: a character may be spread over tokens, and belongs to the one that completes it.
  const decoder = new TextDecoder();
  return tokens.map((token, index) => {
    if (token === style.unknown) return { kind: "unknown" };
    // Those at the ends were put there; one in the middle is written in the text.
    const isAround = index === 0 || index === tokens.length - 1;
    if (style.special.has(token)) return isAround ? { kind: "nothing" } : { kind: "text", text: fold(token) };
    const text = fold(style.byteLevel ? decoder.decode(bytesOf(token), { stream: true }) : plain(token, style));
    return text === "" ? { kind: "nothing" } : { kind: "text", text };
  });
}

function plain(token: string, { continuing }: TokenStyle): string {
  return continuing !== "" && token.length > continuing.length && token.startsWith(continuing) ? token.slice(continuing.length) : token;
}

/**
 * GPT-2's writing of bytes: those that print are themselves (33 to 126, 161 to 172, 174 to 255), the others are the characters from 256 on,
 * in their order.
 */
function bytesOf(token: string): Uint8Array {
  return Uint8Array.from(token, (character) => bytes.get(character) ?? character.charCodeAt(0));
}

const printable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
const bytes: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, byte) => byte).sort((a, b) => Number(printable(a)) - Number(printable(b)) || a - b)
    .map((byte, place) => [String.fromCharCode(printable(byte) ? byte : 256 + place), byte]),
);

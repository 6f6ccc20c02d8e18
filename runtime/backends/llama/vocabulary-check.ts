/**
 * llama.cpp aborts when two tokens have one text, and a SentencePiece vocabulary must be able to spell any byte: the tokenizer
 * throws a C++ exception, which nothing catches, at the first character that it cannot. Returns the reason, or undefined.
 */
export function findVocabularyProblem(tokenizer: string | null, tokens: readonly string[]): string | undefined {
  if (tokens.length === 0) return undefined;
  const known = new Set<string>();
  for (const [id, token] of tokens.entries()) {
    // llama.cpp names empty tokens itself; and bytes that are not UTF-8 all look the same here without being so.
    if (token === "" || token.includes("\uFFFD")) continue;
    if (known.has(token)) return `the token ${id} of its vocabulary, ${JSON.stringify(token)}, is there twice`;
    known.add(token);
  }
  return tokenizer === "llama" ? findMissingByte(known) : undefined;
}

function findMissingByte(known: ReadonlySet<string>): string | undefined {
  for (let byte = 0; byte < 256; byte += 1) {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    const isSpelled = known.has(token) || (byte < 128 && known.has(String.fromCharCode(byte)));
    if (!isSpelled) return `its vocabulary lacks the byte token ${token}`;
  }
  return undefined;
}

/** The bytes of a base64 text, padded or not; null when it is none. Files of many megabytes come this way: one pattern for all of it would overflow the stack. */
export function base64Bytes(text: string): Uint8Array | null {
  const digits = text.replace(/={1,2}$/, "");
  const padded = digits.length < text.length;
  if (/[^A-Za-z0-9+/]/.test(digits) || digits.length % 4 === 1 || (padded && text.length % 4 !== 0)) return null;
  return Buffer.from(digits, "base64");
}

/** A stranger's text on one line of a terminal: what would move the cursor, change colours or turn the writing around is written out. */
export function printable(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return line.length <= longest ? line : `${line.slice(0, longest)}…`;
}

const longest = 500;

/** So much of one token is drawn: a hostile file may have pieces of any length. */
const longest = 120;

/** Marks that change the direction of text, join characters or have no width: drawn, they would do that to what stands beside them. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A token's text with nothing in it that is not seen: line ends and tabs have signs of their own. */
export function visibleText(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replaceAll("\n", "↵").replaceAll("\t", "⇥").replaceAll(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A token's name in a sentence, a list or a label: in quotes, so that spaces are seen. */
export const quoted = (text: string): string => `“${visibleText(text).replaceAll(" ", "␣")}”`;

/** Whether a token is a sign of the template's, such as `<|im_end|>` or `[INST]`, and not text. */
export const isSpecial = (text: string): boolean => /^(?:<[|｜/]?[^\s<>]+[|｜]?>|\[\/?[A-Z_]{3,}\])$/.test(text) && text.length <= 60;

/**
 * What a screen reader is told of an answer that is being written: whole sentences, as they are completed, never single tokens.
 * Returns the text to speak and how much of the answer has then been spoken.
 */
export function nextAnnouncement(answer: string, spoken: number, finished: boolean): { readonly text: string; readonly spoken: number } {
  const rest = answer.slice(spoken);
  const end = finished ? rest.length : sentenceEnd(rest);
  return { text: rest.slice(0, end).trim(), spoken: spoken + end };
}

/** Where the last complete sentence or line of the text ends; 0 when there is none. */
function sentenceEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(/[.!?…。！？]["')\]]*\s|\n/g)) end = match.index + match[0].length;
  return end;
}

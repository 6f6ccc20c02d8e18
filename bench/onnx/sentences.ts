import { mulberry32 } from "../../base/random.ts";

const words = (
  "the a of and to in is that for with on as by this from or at an be are it was not have which but they one all their there been more if no out so what time up about who get " +
  "river mountain morning engine window garden letter station harbour memory question answer winter teacher student market bridge kitchen music forest island village mirror " +
  "language model reads long texts quickly while small machines wait patiently beside large ones because everybody wants an answer before the evening train leaves without them"
).split(" ");

/** Sentences of 3 to 60 words, short ones more often, as in logs, titles and paragraphs; the same for the same seed. */
export function sentences(count: number, seed: number): string[] {
  const next = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const length = Math.floor(3 * (60 / 3) ** next());
    return `${Array.from({ length }, () => words[Math.floor(next() * words.length)]!).join(" ")}.`;
  });
}

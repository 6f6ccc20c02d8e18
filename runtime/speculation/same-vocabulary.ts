import { InfernoError } from "../../protocol/errors.ts";
import type { Backend } from "../backends/backend.ts";

/** Models of one family pad their vocabularies to different sizes; the padding is never a guess that is right. */
const mostPadding = 128;
/** Tokens to compare; a different vocabulary differs nearly everywhere. */
const samples = 512;

/** Refuses a draft model whose tokens mean something else. */
export function assertSameVocabulary(target: Backend, draft: Backend): void {
  const differs = firstDifference(target, draft);
  if (differs === null) return;
  throw new InfernoError("model_load_failed", `The draft model "${draft.model.name}" has another vocabulary than "${target.model.name}": ${differs}.`, {
    param: "speculation.draft", hint: "Name a smaller model of the same family, or use `mode: ngram`.",
  });
}

function firstDifference(target: Backend, draft: Backend): string | null {
  const sizes = [target.model.vocabulary, draft.model.vocabulary] as const;
  if (Math.abs(sizes[0] - sizes[1]) > mostPadding) return `${sizes[1]} tokens instead of ${sizes[0]}`;
  for (const text of [target.model.bosToken, target.model.eosToken]) {
    if (text !== "" && special(target, text) !== special(draft, text)) return `${text} is token ${special(draft, text)} instead of ${special(target, text)}`;
  }
  if (begin(target) !== begin(draft)) return "texts begin with another token";
  const size = Math.min(...sizes);
  const step = Math.max(1, Math.floor(size / samples));
  for (let token = 0; token < size; token += step) {
    const [ours, theirs] = [target, draft].map((backend) => Buffer.from(backend.tokenBytes(token, true)).toString("latin1"));
    if (ours !== theirs) return `token ${token} is ${JSON.stringify(theirs)} instead of ${JSON.stringify(ours)}`;
  }
  return null;
}

const special = (backend: Backend, text: string): string => backend.tokenize(text, { addSpecial: false, parseSpecial: true }).join(" ");
const begin = (backend: Backend): string => backend.tokenize("a", { addSpecial: true, parseSpecial: false }).join(" ");

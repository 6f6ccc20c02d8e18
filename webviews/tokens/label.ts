import { formatDuration, formatShare } from "../shared/format.ts";
import type { Colouring } from "./colours.ts";
import { probabilityOf, type Choice, type Token } from "./conversation.ts";
import { strings } from "./strings.ts";
import { quoted } from "./visible.ts";

/** What a token is called: its text and the value that its colour stands for. */
export function tokenLabel(token: Token, colouring: Colouring): string {
  const name = token.id === null ? strings.unnamed(String(token.place)) : quoted(token.text);
  return `${name}, ${token.choice === null ? promptValue(token) : valueOf(token.choice, colouring)}`;
}

const promptValue = ({ cached }: Token): string => (cached ? strings.fromCache : strings.computed);

function valueOf(choice: Choice, colouring: Colouring): string {
  switch (colouring) {
    case "probability":
      return formatShare(probabilityOf(choice.logprob));
    case "entropy":
      return formatNats(choice.entropy);
    case "time":
      return choice.tookUs === null ? strings.firstToken : formatDuration(choice.tookUs);
    case "chosen":
      return strings.chosenBy[choice.chosenBy];
    case "reuse":
      return strings.generated;
  }
}

export const formatNats = (value: number | null): string => (value === null ? "–" : `${value.toFixed(value < 0.1 ? 4 : 2)} nats`);

export const formatLogprob = (logprob: number | null): string => (logprob === null ? "−∞" : logprob.toFixed(3).replace("-", "−"));

import { memo } from "preact/compat";
import { tintOf, type Colouring } from "./colours.ts";
import type { Token } from "./conversation.ts";
import { tokenLabel } from "./label.ts";
import { isSpecial, visibleText } from "./visible.ts";

interface TokenLineProps {
  readonly tokens: readonly Token[];
  readonly from: number;
  readonly to: number;
  readonly colouring: Colouring;
  readonly medianUs: number;
  /** -1 when it is in another line. */
  readonly selected: number;
}

export const optionId = (index: number): string => `token-${index}`;

/** One line of tokens. Of ten thousand tokens only the lines that have changed are drawn again, and only those in sight are laid out. */
export const TokenLine = memo(function TokenLine({ tokens, from, to, colouring, medianUs, selected }: TokenLineProps) {
  return (
    <div class="line" role="presentation">
      {tokens.slice(from, to).map((token, offset) => {
        const index = from + offset;
        const label = tokenLabel(token, colouring);
        const shown = visibleText(token.text);
        return (
          <span
            key={index} id={optionId(index)} data-index={index} role="option" aria-selected={index === selected} aria-label={label} title={label}
            class={`token ${tintOf(token, colouring, medianUs)}${isSpecial(token.text) ? " special" : ""}`}
          >
            {shown === "" ? "▯" : shown}
          </span>
        );
      })}
    </div>
  );
}, sameLine);

function sameLine(a: TokenLineProps, b: TokenLineProps): boolean {
  if (a.from !== b.from || a.to !== b.to || a.colouring !== b.colouring || a.selected !== b.selected || a.medianUs !== b.medianUs) return false;
  if (a.tokens === b.tokens) return true;
  for (let index = a.from; index < a.to; index++) {
    const [one, other] = [a.tokens[index]!, b.tokens[index]!];
    if (one.id !== other.id || one.text !== other.text || one.cached !== other.cached) return false;
    if (one.choice?.logprob !== other.choice?.logprob || one.choice?.chosenBy !== other.choice?.chosenBy || one.choice?.tookUs !== other.choice?.tookUs) return false;
  }
  return true;
}

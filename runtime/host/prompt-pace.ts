import type { BatchItem } from "../backends/backend.ts";
import { promptBudget } from "../scheduler/prompt-budget.ts";

/** Weight of the newest measurement in the running averages. */
const newest = 0.2;

/** Measures how long tokens take, so that a long prompt is cut into chunks that let running answers go on in time. */
export class PromptPace {
  readonly #batch: number;
  #usPerPromptToken: number | null = null;
  #usPerDecodeStep: number | null = null;

  constructor(batch: number) {
    this.#batch = batch;
  }

  /** For a step beside which so many answers wait for their next and for their first token. */
  promptTokens({ decoding, prompting }: { readonly decoding: number; readonly prompting: number }): number {
    return promptBudget({ batch: this.#batch, decoding, prompting, usPerPromptToken: this.#usPerPromptToken, usPerDecodeStep: this.#usPerDecodeStep });
  }

  /** How long so many prompt tokens will take; 0 while nobody knows. */
  promptUs(tokens: number): number {
    return tokens * (this.#usPerPromptToken ?? 0);
  }

  observe(items: readonly BatchItem[], us: number): void {
    const prompt = items.reduce((sum, { tokens }) => sum + (tokens.length > 1 ? tokens.length : 0), 0);
    if (prompt === 0) {
      this.#usPerDecodeStep = average(this.#usPerDecodeStep, us);
      return;
    }
    // What the answers of a mixed step cost is known from the steps without a prompt.
    const own = us - (prompt === items.reduce((sum, { tokens }) => sum + tokens.length, 0) ? 0 : (this.#usPerDecodeStep ?? 0));
    if (own > 0) this.#usPerPromptToken = average(this.#usPerPromptToken, own / prompt);
  }
}

const average = (before: number | null, now: number): number => (before === null ? now : before + newest * (now - before));

/** A guess that no step checks: the answer's own next tokens say whether it was right. */
export class Aside {
  /** Position of the next of `draft`. */
  #position = 0;
  #draft: readonly number[] = [];

  get isOpen(): boolean {
    return this.#draft.length > 0;
  }

  /** `draft` is guessed to stand at `position` and behind it. */
  guess(position: number, draft: readonly number[]): void {
    this.#position = position;
    this.#draft = draft;
  }

  /** Compares what has come since; calls back for each token up to the first wrong one. */
  compare(tokens: readonly number[], learn: (right: boolean) => void): void {
    while (this.#position < tokens.length) {
      const [guessed, ...rest] = this.#draft;
      if (guessed === undefined) return;
      const right = tokens[this.#position] === guessed;
      learn(right);
      this.#position += 1;
      this.#draft = right ? rest : [];
    }
  }
}

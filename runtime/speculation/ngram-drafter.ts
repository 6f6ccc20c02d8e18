import type { Drafter, DraftOutlook, DraftRequest, Drafts } from "./drafter.ts";
import { NgramIndex, type Place } from "./ngram-index.ts";

/** Guesses that an answer goes on as the text did before where it was alike: in the prompt, or in the answer itself. */
export class NgramDrafter implements Drafter {
  readonly #candidates: number;
  readonly #indices = new Map<number, NgramIndex>();

  constructor(candidates: number) {
    this.#candidates = candidates;
  }

  outlook(request: DraftRequest): DraftOutlook {
    const { drafts, match } = this.#guess(request);
    // Twice as long a match is another kind: a pair of words says little, half a line nearly all.
    return { tokens: drafts.flat().length, kind: match === 0 ? 0 : Math.floor(Math.log2(match)) };
  }

  propose(requests: readonly DraftRequest[]): Drafts {
    return { drafts: requests.map((request) => this.#guess(request).drafts), us: 0 };
  }

  forget(id: number): void {
    this.#indices.delete(id);
  }

  dispose(): void {
    this.#indices.clear();
  }

  #guess({ id, tokens, most }: DraftRequest): { readonly drafts: number[][]; readonly match: number } {
    const index = this.#caughtUp(id, tokens);
    const choices = distinct(index, index.places()).slice(0, Math.min(this.#candidates, most));
    const [best] = choices;
    if (!best) return { drafts: [], match: 0 };
    index.follow(best.place);
    // A second opinion is worth its cells only where the text itself gave two.
    const equals = choices.filter(({ place }) => place.match === best.place.match);
    const total = equals.reduce((sum, { count }) => sum + count, 0);
    const drafts: number[][] = [];
    let left = most;
    for (const { place: { next }, count } of equals) {
      const length = Math.min(left, Math.max(1, Math.round(most * count / total)));
      if (length > 0) drafts.push(index.slice(next, next + length));
      left -= length;
    }
    return { drafts, match: best.place.match };
  }

  #caughtUp(id: number, tokens: readonly number[]): NgramIndex {
    let index = this.#indices.get(id);
    // Shorter than it was: tokens were dropped from the middle, and every position behind them is another.
    if (!index || index.length > tokens.length) this.#indices.set(id, (index = new NgramIndex()));
    for (let i = index.length; i < tokens.length; i += 1) index.push(tokens[i]!);
    return index;
  }
}

interface Choice {
  readonly place: Place;
  /** Places that go on with the same token. */
  count: number;
}

/** One choice for each token that comes next: among equally good matches, the more frequent one first. */
function distinct(index: NgramIndex, places: readonly Place[]): Choice[] {
  const choices = new Map<number, Choice>();
  for (const place of places) {
    const token = index.at(place.next);
    if (token === undefined) continue;
    const known = choices.get(token);
    if (known) known.count += 1;
    else choices.set(token, { place, count: 1 });
  }
  return [...choices.values()].sort((a, b) => b.place.match - a.place.match || b.count - a.count);
}

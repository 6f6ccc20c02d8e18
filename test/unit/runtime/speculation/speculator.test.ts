import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Aside } from "../../../../runtime/speculation/aside.ts";
import type { Drafter, DraftOutlook, DraftRequest } from "../../../../runtime/speculation/drafter.ts";
import { Speculator } from "../../../../runtime/speculation/speculator.ts";

/** Knows the text, or says what is never there. */
class Scripted implements Drafter {
  asked = 0;
  readonly #text: readonly number[];
  readonly #us: number;

  constructor(text: readonly number[], us: number) {
    this.#text = text;
    this.#us = us;
  }

  outlook = ({ most }: DraftRequest): DraftOutlook => ({ tokens: most, kind: 0 });

  propose(requests: readonly DraftRequest[]) {
    this.asked += requests.length;
    const drafts = requests.map(({ tokens, most }) => [Array.from({ length: most }, (_, i) => this.#text[tokens.length + i] ?? -1)]);
    return { drafts, us: this.#us * drafts.flat(2).length };
  }

  forget(): void {}
  dispose(): void {}
}

const text = Array.from({ length: 400 }, (_, i) => i);

/** Microseconds for the text behind its first token. Guesses are checked as an engine does. */
function run(drafter: Drafter, stepUs: (width: number) => number): number {
  const speculator = new Speculator(drafter, 16);
  let us = 0;
  speculator.measured({ width: 60, guessed: 0, answers: 0, us: stepUs(60) });
  for (let made = 1; made < text.length;) {
    const request = { id: 7, tokens: text.slice(0, made), most: text.length - made - 1 };
    const most = speculator.wanted(request);
    const [[draft = []] = []] = most > 0 ? speculator.propose([{ ...request, most }]) : [[]];
    let accepted = 0;
    while (accepted < draft.length && draft[accepted] === text[made + accepted]) accepted += 1;
    const width = 1 + draft.length;
    us += stepUs(width);
    speculator.measured({ width, guessed: draft.length, answers: 1, us: stepUs(width) });
    speculator.observe(7, { guessed: draft.length, drafted: draft.length, accepted });
    made += accepted + 1;
  }
  return us;
}

const stepUs = (width: number): number => 4000 + 3000 * width;
const plainUs = 399 * stepUs(1);

describe("the way to the best length", () => {
  test("is found out on the side, where it costs nothing", () => {
    assert.ok(run(new Scripted(text, 0), stepUs) < plainUs / 1.7);
  });

  test("is short where guesses are wrong: only the side is looked at", () => {
    const drafter = new Scripted([], 0);
    assert.ok(run(drafter, stepUs) < 1.01 * plainUs);
    assert.ok(drafter.asked > 100, "it goes on looking");
  });

  test("costs little where guessing itself does", () => {
    const drafter = new Scripted([], 2000);
    assert.ok(run(drafter, stepUs) + 2000 * 4 * drafter.asked < 1.03 * plainUs, `${drafter.asked} guesses`);
  });
});

test("a guess on the side is compared token by token, up to the first wrong one", () => {
  const aside = new Aside();
  const learned: boolean[] = [];
  const compare = (tokens: readonly number[]) => aside.compare(tokens, (right) => learned.push(right));
  aside.guess(2, [5, 6, 7]);
  compare([1, 2]);
  assert.deepEqual(learned, []);
  compare([1, 2, 5]);
  compare([1, 2, 5, 9, 7]);
  assert.deepEqual([learned, aside.isOpen], [[true, false], false]);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { PrefixTree } from "../../../../runtime/scheduler/prefix-tree.ts";

/** What a search through all sequences finds. */
function scan(live: ReadonlyMap<number, { tokens: readonly number[]; namespace: string }>, prompt: readonly number[], namespace: string) {
  let best = { length: 0, sequences: [] as number[], nexts: new Set<number | null>() };
  for (const [sequence, it] of live) {
    if (it.namespace !== namespace) continue;
    let length = 0;
    while (length < prompt.length && prompt[length] === it.tokens[length]) length += 1;
    if (length > best.length) best = { length, sequences: [], nexts: new Set() };
    if (length !== best.length || length === 0) continue;
    best.sequences.push(sequence);
    best.nexts.add(it.tokens[length] ?? null);
  }
  return best;
}

// Few different tokens, so that many prefixes are common.
const tokens = fc.array(fc.nat(2), { maxLength: 12 });
const action = fc.record({ kind: fc.constantFrom("insert", "truncate", "remove"), sequence: fc.nat(7), tokens, namespace: fc.constantFrom("", "lora"), length: fc.nat(12) });

test("after any changes it finds what a search through all sequences finds", () => {
  fc.assert(fc.property(fc.array(action, { maxLength: 40 }), fc.array(tokens, { minLength: 1, maxLength: 5 }), (actions, prompts) => {
    const tree = new PrefixTree();
    const live = new Map<number, { tokens: number[]; namespace: string }>();
    for (const { kind, sequence, tokens, namespace, length } of actions) {
      const known = live.get(sequence);
      if (kind === "insert" && !known) {
        tree.insert(sequence, tokens, namespace);
        live.set(sequence, { tokens: [...tokens], namespace });
      } else if (kind === "truncate" && known) {
        tree.truncate(sequence, length);
        known.tokens.length = Math.min(length, known.tokens.length);
      } else if (kind === "remove" && known) {
        tree.remove(sequence);
        live.delete(sequence);
      }
      for (const prompt of prompts) {
        const expected = scan(live, prompt, namespace);
        const found = tree.longest(prompt, namespace);
        assert.equal(found?.length ?? 0, expected.length);
        if (!found) continue;
        assert.deepEqual([...found.sequences].sort(), expected.sequences.sort());
        assert.ok(expected.nexts.has(found.next), `${String(found.next)} follows in none of them`);
        if (found.next === null) assert.deepEqual([...expected.nexts], [null]);
      }
    }
  }), { numRuns: 300 });
});

describe("what a match says", () => {
  const tree = new PrefixTree();
  tree.insert(1, [1, 2, 3, 4], "");
  tree.insert(2, [1, 2, 3, 9, 9], "");
  tree.insert(3, [1, 2, 3, 4], "lora");

  test("the common length, who has it, and what came instead", () => {
    assert.deepEqual(tree.longest([1, 2, 7], ""), { length: 2, sequences: [1, 2], next: 3 });
    assert.deepEqual(tree.longest([1, 2, 3, 4, 5], ""), { length: 4, sequences: [1], next: null });
    assert.deepEqual(tree.longest([1, 2, 3, 4, 5], "lora"), { length: 4, sequences: [3], next: null });
    assert.equal(tree.longest([2], ""), null);
    assert.equal(tree.longest([1], "other"), null);
  });

  test("a prompt that waits is searched for once, until something changes", () => {
    const tree = new PrefixTree();
    tree.insert(1, [1, 2, 3], "");
    const prompt = [1, 2, 3, 4];
    const found = tree.longest(prompt, "");
    assert.equal(tree.longest(prompt, ""), found);
    assert.equal(tree.longest(prompt, "lora"), null);
    tree.insert(2, [1, 2, 3, 4], "");
    assert.deepEqual(tree.longest(prompt, ""), { length: 4, sequences: [2], next: null });
    tree.truncate(2, 1);
    assert.deepEqual(tree.longest(prompt, ""), { length: 3, sequences: [1], next: null });
    tree.remove(1);
    assert.deepEqual(tree.longest(prompt, ""), { length: 1, sequences: [2], next: null });
  });

  test("a sequence is in it once", () => {
    assert.throws(() => tree.insert(1, [5], ""), /in the tree already/);
    assert.throws(() => tree.remove(4), /not in the tree/);
  });
});

test("a long prompt among a hundred others is found without comparing them all", () => {
  const tree = new PrefixTree();
  const common = Array.from({ length: 8000 }, (_, i) => i);
  for (let sequence = 0; sequence < 100; sequence += 1) tree.insert(sequence, [...common, 10_000 + sequence], "");
  let reads = 0;
  const prompt = new Proxy([...common, 10_042], { get: (target, key) => {
    reads += 1;
    return Reflect.get(target, key) as unknown;
  } });
  assert.deepEqual(tree.longest(prompt, ""), { length: 8001, sequences: [42], next: null });
  assert.ok(reads < 3 * 8001, `${reads} reads`);
});

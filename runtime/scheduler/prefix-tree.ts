import { assert } from "../../base/assert.ts";

/** A run of tokens that all sequences below it have in common. */
interface Node {
  tokens: Int32Array;
  parent: Node | null;
  /** By first token. */
  readonly children: Map<number, Node>;
  /** Sequences that end with this run's last token. */
  readonly ends: Set<number>;
}

export interface LongestPrefix {
  /** Tokens in common. */
  readonly length: number;
  /** All sequences that share as many. */
  readonly sequences: readonly number[];
  /** The token that one of them has next; null when all of them end there. */
  readonly next: number | null;
}

/**
 * The token sequences that are live, as a radix tree: finding the longest beginning that a prompt shares with any of them takes as many
 * steps as it is long. A namespace holds what can be shared: one set of LoRA adapters.
 */
export class PrefixTree {
  readonly #roots = new Map<string, Node>();
  readonly #ends = new Map<number, { readonly node: Node; readonly namespace: string }>();
  /** What was found for a prompt, until a sequence comes, goes or is cut: prompts that wait for room are asked about again at every step. */
  #found = new WeakMap<readonly number[], { readonly namespace: string; readonly prefix: LongestPrefix | null }>();

  insert(sequence: number, tokens: readonly number[], namespace: string): void {
    assert(!this.#ends.has(sequence), `sequence ${sequence} is in the tree already`);
    let root = this.#roots.get(namespace);
    if (!root) this.#roots.set(namespace, (root = newNode(null, new Int32Array())));
    this.#end(sequence, add(root, tokens), namespace);
  }

  /** Keeps the first `length` tokens of the sequence, if it has more. */
  truncate(sequence: number, length: number): void {
    const { node, namespace } = this.#leave(sequence);
    const path = [node];
    for (let it = node.parent; it; it = it.parent) path.push(it);
    let target = path.pop() ?? node;
    let left = length;
    while (left > 0) {
      const next = path.pop();
      if (next === undefined) break;
      target = left < next.tokens.length ? split(next, left) : next;
      left -= target.tokens.length;
    }
    this.#end(sequence, target, namespace);
    this.#prune(node, namespace);
  }

  remove(sequence: number): void {
    const { node, namespace } = this.#leave(sequence);
    this.#prune(node, namespace);
  }

  /** All its tokens. */
  tokensOf(sequence: number): Int32Array {
    const end = this.#ends.get(sequence);
    assert(end, `sequence ${sequence} is not in the tree`);
    const runs: Int32Array[] = [];
    for (let node: Node | null = end.node; node; node = node.parent) runs.push(node.tokens);
    const tokens = new Int32Array(runs.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const run of runs.reverse()) {
      tokens.set(run, at);
      at += run.length;
    }
    return tokens;
  }

  /** The sequences that share the longest beginning with `tokens`, which do not change; null when none shares its first token. */
  longest(tokens: readonly number[], namespace: string): LongestPrefix | null {
    const known = this.#found.get(tokens);
    if (known?.namespace === namespace) return known.prefix;
    const prefix = this.#search(tokens, namespace);
    this.#found.set(tokens, { namespace, prefix });
    return prefix;
  }

  #search(tokens: readonly number[], namespace: string): LongestPrefix | null {
    let node = this.#roots.get(namespace);
    let length = 0;
    while (node) {
      const child = length < tokens.length ? node.children.get(tokens[length]!) : undefined;
      if (!child) break;
      const common = commonLength(child.tokens, tokens, length);
      length += common;
      if (common < child.tokens.length) return { length, sequences: below(child), next: child.tokens[common] ?? null };
      node = child;
    }
    if (!node || length === 0) return null;
    const [next] = node.children.keys();
    return { length, sequences: below(node), next: next ?? null };
  }

  #end(sequence: number, node: Node, namespace: string): void {
    this.#found = new WeakMap();
    node.ends.add(sequence);
    this.#ends.set(sequence, { node, namespace });
  }

  #leave(sequence: number): { readonly node: Node; readonly namespace: string } {
    const end = this.#ends.get(sequence);
    assert(end, `sequence ${sequence} is not in the tree`);
    this.#found = new WeakMap();
    this.#ends.delete(sequence);
    end.node.ends.delete(sequence);
    return end;
  }

  /** Removes runs that belong to no sequence, and joins what then has no reason to be two. */
  #prune(start: Node, namespace: string): void {
    let node = start;
    while (isUnused(node) && node.parent) {
      node.parent.children.delete(first(node));
      node = node.parent;
    }
    if (isUnused(node) && !node.parent) this.#roots.delete(namespace);
    const [only] = node.children.values();
    if (!only || node.children.size > 1 || node.ends.size > 0 || !node.parent) return;
    const joined = new Int32Array(node.tokens.length + only.tokens.length);
    joined.set(node.tokens);
    joined.set(only.tokens, node.tokens.length);
    only.tokens = joined;
    only.parent = node.parent;
    node.parent.children.set(first(only), only);
  }
}

const newNode = (parent: Node | null, tokens: Int32Array): Node => ({ tokens, parent, children: new Map(), ends: new Set() });
const isUnused = ({ ends, children }: Node): boolean => ends.size === 0 && children.size === 0;

function first({ tokens }: Node): number {
  const [token] = tokens;
  assert(token !== undefined, "a run of the prefix tree is empty");
  return token;
}

/** Walks down from `node` along `tokens`, with new runs where there are none, to the node where they end. */
function add(start: Node, tokens: readonly number[]): Node {
  let node = start;
  let position = 0;
  while (position < tokens.length) {
    const child = node.children.get(tokens[position]!);
    if (!child) {
      const leaf = newNode(node, Int32Array.from(tokens.slice(position)));
      node.children.set(first(leaf), leaf);
      return leaf;
    }
    const common = commonLength(child.tokens, tokens, position);
    node = common < child.tokens.length ? split(child, common) : child;
    position += common;
  }
  return node;
}

/** Cuts a run in two; returns the upper half. */
function split(node: Node, length: number): Node {
  const { parent } = node;
  assert(parent && length > 0 && length < node.tokens.length, "a run of the prefix tree is split outside of itself");
  const upper = newNode(parent, node.tokens.slice(0, length));
  parent.children.set(first(upper), upper);
  node.tokens = node.tokens.slice(length);
  node.parent = upper;
  upper.children.set(first(node), node);
  return upper;
}

function commonLength(run: Int32Array, tokens: readonly number[], from: number): number {
  const most = Math.min(run.length, tokens.length - from);
  let length = 0;
  while (length < most && run[length] === tokens[from + length]) length += 1;
  return length;
}

function below(node: Node): number[] {
  const found = [...node.ends];
  const open = [...node.children.values()];
  for (let it = open.pop(); it; it = open.pop()) {
    found.push(...it.ends);
    open.push(...it.children.values());
  }
  return found.sort((a, b) => a - b);
}

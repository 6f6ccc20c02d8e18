/** One guessed token; several guesses that begin alike share their beginning. */
export interface DraftNode {
  readonly token: number;
  /** Tokens before it that were guessed too: 0 for the first. */
  readonly depth: number;
  readonly children: DraftNode[];
  /** The guesses it is part of, by their index. */
  readonly drafts: number[];
}

/** Guesses as a tree, so that no token is computed twice; parents come before their children. */
export function draftTree(drafts: readonly (readonly number[])[]): { readonly roots: readonly DraftNode[]; readonly nodes: readonly DraftNode[] } {
  const roots: DraftNode[] = [];
  const nodes: DraftNode[] = [];
  for (const [index, draft] of drafts.entries()) {
    let siblings = roots;
    for (const [depth, token] of draft.entries()) {
      let node = siblings.find((it) => it.token === token);
      if (node === undefined) {
        node = { token, depth, children: [], drafts: [] };
        siblings.push(node);
        nodes.push(node);
      }
      node.drafts.push(index);
      siblings = node.children;
    }
  }
  return { roots, nodes };
}

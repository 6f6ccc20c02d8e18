/**
 * The block that a node belongs to, by the names that llama.cpp gives: `Qcur-3` and `ffn_out-3 (view)` for what is computed, `blk.3.attn_q.weight` for
 * weights, `cache_k_l3` for the cache. Null where none of the names says it.
 */
export function layerOf(names: readonly string[]): number | null {
  for (const name of names) {
    const found = /^blk\.(\d+)\./.exec(name) ?? /^[A-Za-z][A-Za-z0-9_. ]*-(\d+)(?: |$)/.exec(name) ?? /^cache_\w+_l(\d+)(?: |$)/.exec(name);
    if (found?.[1] !== undefined) return Number(found[1]);
  }
  return null;
}

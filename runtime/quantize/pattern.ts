/** `lm_head*`: a star stands for any characters, a question mark for one. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
  });
  return (name) => expressions.some((expression) => expression.test(name));
}

export interface Selection {
  /** Names of nodes or weights that stay as they are. */
  readonly keep: readonly string[];
  /** If there are any: nothing else is changed. */
  readonly only: readonly string[];
}

/** Whether a node with this weight is to be changed. A node is known by its name or by its weight's. */
export function selects({ keep, only }: Selection): (...names: string[]) => boolean {
  const [kept, wanted] = [matcher(keep), matcher(only)];
  return (...names) => !names.some(kept) && (only.length === 0 || names.some(wanted));
}

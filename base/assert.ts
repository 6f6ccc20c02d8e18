/** States an invariant of ours: when it fails, the bug is in this project, not in the input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Internal error: ${message}`);
}

/** Closes a `switch` over a union: a forgotten case is a compile error. */
export function unreachable(value: never): never {
  throw new Error(`Internal error: unexpected value ${JSON.stringify(value)}`);
}

/** What the suite leaves for its runner: an extension host's own output does not reach the terminal in every editor. */
export interface Report {
  readonly lines: readonly string[];
  readonly passed: number;
  readonly failed: number;
}

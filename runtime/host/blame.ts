/** What a process said last that it works on. */
export interface Busy {
  readonly running: ReadonlySet<string>;
  readonly preparing: ReadonlySet<string>;
}

/** How a process came to its end: by itself, or killed because it did not come back. */
export type ProcessEnd = "crashed" | "stuck";

/** Of a request that was in work: is it to blame? A culprit is certain, a suspect is one of several, or was there when the process was killed from outside. */
export type Verdict = "innocent" | "suspect" | "culprit";

/** Who ended the process. A stuck one is stuck in its run; a crash may come from a preparation beside it too. When it said nothing, everybody is a suspect. */
export function judge({ running, preparing }: Busy, end: ProcessEnd): (request: string) => Verdict {
  const named = end === "stuck" && running.size > 0 ? running : new Set([...running, ...preparing]);
  if (named.size === 0) return () => "suspect";
  const verdict = end === "stuck" && named.size === 1 ? "culprit" : "suspect";
  return (request) => (named.has(request) ? verdict : "innocent");
}

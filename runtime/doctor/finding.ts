/** `missing` is something optional that is not there; `warning` works but deserves a look; `failed` keeps Inferno from working. */
export type Verdict = "ok" | "missing" | "warning" | "failed";

export interface Finding {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly detail: string;
  /** What to do; a command where there is one. */
  readonly fix: string | null;
}

export type Outcome = Omit<Finding, "id" | "title">;

/** Asks one question. Throwing counts as `failed`. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly run: () => Promise<Outcome>;
}

/** Checks run one after the other: two model processes at once would measure each other. */
export async function runChecks(checks: readonly Check[], onFinding: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { id, title, run } of checks) {
    const finding: Finding = { id, title, ...(await run().catch(failure)) };
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}

function failure(error: unknown): Outcome {
  const hint = error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : null;
  return { verdict: "failed", detail: error instanceof Error ? error.message : String(error), fix: hint };
}

export const isHealthy = (findings: readonly Finding[]): boolean => findings.every(({ verdict }) => verdict !== "failed");

export const found = (detail: string): Outcome => ({ verdict: "ok", detail, fix: null });

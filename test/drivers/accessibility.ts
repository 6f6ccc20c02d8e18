import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Frame } from "playwright-core";

interface AxeViolation {
  readonly id: string;
  readonly impact?: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe-core finds in a document that it rates serious or critical, one readable line each. */
export async function seriousViolations(frame: Frame): Promise<string[]> {
  const source = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  // Evaluated through the browser's debugger, so the panel's content security policy stays as it is.
  await frame.evaluate(source);
  const violations = await frame.evaluate<AxeViolation[]>("axe.run(document).then(({ violations }) => violations)");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary ?? ""}`));
}

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import { findingLines, verdictLine } from "../../../../runtime/cli/commands/doctor.ts";
import { plain } from "../../../../runtime/cli/format/paint.ts";
import { found, isHealthy, runChecks, type Check, type Finding } from "../../../../runtime/doctor/finding.ts";
import { checkHome } from "../../../../runtime/doctor/state-folder.ts";
import { matchesGolden } from "../../../drivers/golden.ts";

const check = (id: string, run: Check["run"]): Check => ({ id, title: `Check ${id}`, run });

test("checks run in order, and one that throws is a finding like others", async () => {
  const seen: string[] = [];
  const findings = await runChecks([
    check("a", async () => found("fine")),
    check("b", async () => { throw new InfernoError("home_unwritable", "cannot write"); }),
    check("c", async () => { throw new Error("boom"); }),
  ], ({ id }) => seen.push(id));
  assert.deepEqual(seen, ["a", "b", "c"]);
  assert.deepEqual(findings.map(({ verdict }) => verdict), ["ok", "failed", "failed"]);
  assert.match(findings[1]?.fix ?? "", /INFERNO_HOME/);
  assert.deepEqual(findings[2], { id: "c", title: "Check c", verdict: "failed", detail: "boom", fix: null });
});

test("only a failure is unhealthy", () => {
  const finding = (verdict: Finding["verdict"]): Finding => ({ id: verdict, title: verdict, verdict, detail: "", fix: null });
  assert.equal(isHealthy([finding("ok"), finding("missing"), finding("warning")]), true);
  assert.equal(isHealthy([finding("ok"), finding("failed")]), false);
});

test("the report as text", () => {
  const findings: Finding[] = [
    { id: "node", title: "Node.js", verdict: "ok", detail: "24.1.0", fix: null },
    { id: "cuda", title: "CUDA", verdict: "missing", detail: "library not installed", fix: "inferno gpu install cuda" },
    { id: "port", title: "Port", verdict: "warning", detail: "11500 is taken by python3 (pid 43)", fix: "inferno serve --port 0" },
    { id: "probe", title: "Inference", verdict: "failed", detail: "the probe's process was ended by signal SIGILL", fix: null },
  ];
  const lines = [...findings.flatMap((finding) => findingLines(finding, 9, plain)), verdictLine(findings, plain), verdictLine([], plain)];
  matchesGolden("cli/doctor.txt", lines.join("\n") + "\n");
});

test("the state folder is written to for real, and left as it was", async () => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-doctor-"));
  try {
    const outcome = await checkHome(folder);
    assert.match(outcome.detail, /can be written, [\d.]+ .B free/);
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith(".doctor")), []);
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    await assert.rejects(checkHome(file), { code: "home_unwritable" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

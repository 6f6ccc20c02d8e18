import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../../../base/package-root.ts";
import { systemClock } from "../../../base/system-clock.ts";
import { Config, embeddedModel } from "../../../protocol/config.ts";
import { loadConfig } from "../../config/load.ts";
import { ModelRegistry } from "../../config/registry.ts";
import { findDaemon } from "../../daemon/find.ts";
import { makeChecks } from "../../doctor/checks.ts";
import { isHealthy, runChecks, type Check, type Finding, type Verdict } from "../../doctor/finding.ts";
import { thisMachine } from "../../machine/machine.ts";
import { thisMachinesGpus } from "../../gpu/this-machine.ts";
import { hostSpawner } from "../../host/process.ts";
import { chooseConfig, printJson, printLines, success, type Context } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { outPaint } from "../terminal.ts";

const Manifest = z.object({ version: z.string(), engines: z.object({ node: z.string() }) });
const unhealthy = 1;

/** Checks everything that Inferno needs, and says what to do about what is missing. Exit code 1 when something needed fails. */
export async function doctor(context: Context): Promise<number> {
  const checks = await gather(context);
  const paint = outPaint(context.terminal);
  const width = Math.max(...checks.map(({ title }) => title.length));
  const findings = await runChecks(checks, (finding) => {
    if (!context.json) printLines(context, findingLines(finding, width, paint));
  });
  const healthy = isHealthy(findings);
  if (context.json) printJson(context, { healthy, findings });
  else printLines(context, ["", verdictLine(findings, paint)]);
  return healthy ? success : unhealthy;
}

async function gather(context: Context): Promise<Check[]> {
  const { home, terminal } = context;
  const root = packageRoot(import.meta.dirname);
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const file = chooseConfig(context, undefined);
  // A broken configuration is for the editor and `serve` to report; here only its address is of interest.
  const { server } = file === undefined ? Config.parse({}) : await loadConfig(file).then(({ config }) => config, () => Config.parse({}));
  return makeChecks({
    machine: thisMachine(),
    gpus: thisMachinesGpus(home, root),
    clock: systemClock,
    versions: { inferno: manifest.version, node: process.versions.node, requiredNode: manifest.engines.node },
    packageRoot: root,
    home,
    address: server,
    daemon: await findDaemon(home),
    spawn: hostSpawner(root, () => undefined),
    model: new ModelRegistry({ packageRoot: root, allowFake: false }).get(embeddedModel).source,
    signal: terminal.stopped,
  });
}

const marks: Record<Verdict, string> = { ok: "✓", missing: "–", warning: "!", failed: "✗" };

export function findingLines({ title, verdict, detail, fix }: Finding, width: number, paint: Paint): string[] {
  const colour = ({ ok: "green", missing: "dim", warning: "yellow", failed: "red" } as const)[verdict];
  const indent = " ".repeat(width + 4);
  return [`${paint[colour](marks[verdict])} ${title.padEnd(width)}  ${detail}`, ...(fix === null ? [] : [`${indent}${paint.cyan("→")} ${fix}`])];
}

export function verdictLine(findings: readonly Finding[], paint: Paint): string {
  const failed = findings.filter(({ verdict }) => verdict === "failed").map(({ title }) => title);
  return failed.length === 0 ? paint.green("Inferno can work here.") : paint.red(`Inferno cannot work here: ${failed.join(", ")}.`);
}

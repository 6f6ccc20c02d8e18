import { InfernoError } from "../../../protocol/errors.ts";
import { isAlive } from "../../daemon/lock.ts";
import { installPackages } from "../../gpu/install.ts";
import { listInstalled, removeInstalled } from "../../gpu/installed.ts";
import { systemNpm } from "../../gpu/npm.ts";
import { gpuKinds, gpuPackages, isGpuKind, packageScope, type GpuKind, type Machine } from "../../gpu/packages.ts";
import { planInstall, type PlannedPackage } from "../../gpu/plan.ts";
import { installedLlamaVersion } from "../../gpu/version.ts";
import { openHome } from "../../home/home.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import { formatTable } from "../format/table.ts";
import { formatBytes } from "../format/units.ts";
import { errPaint, isInteractive, outPaint } from "../terminal.ts";

const machine: Machine = process;

/** Fetches the GPU libraries of the installed node-llama-cpp from the person's npm registry, after they agreed. */
export async function gpuInstall(context: Context, asked: string, options: { readonly yes?: boolean | undefined }): Promise<number> {
  const kind = checkKind(asked);
  const { terminal, home } = context;
  const signal = terminal.stopped;
  const npm = systemNpm(machine.platform, terminal.env);
  const version = installedLlamaVersion(import.meta.dirname);
  const names = gpuPackages(kind, machine);
  // npm obeys an .npmrc in its working folder: only the person's own may decide where a library comes from.
  const cwd = openHome(home).folder;
  const plan = await planInstall(names, version, { npm, fetch, cwd, signal });
  if (options.yes !== true) await askConsent(context, kind, plan);
  const onProgress = terminal.stderr.isTTY === true ? progressLine(context, plan) : undefined;
  try {
    await installPackages(plan, { npm, home, signal, onProgress, pid: process.pid, isAlive });
  } finally {
    if (onProgress !== undefined) terminal.stderr.write("\r\x1B[K");
  }
  if (context.json) printJson(context, { installed: plan.map(({ name, version: is, integrity }) => ({ name, version: is, integrity })) });
  else printLines(context, [`Installed ${plan.map(({ name }) => name).join(", ")} ${version}. \`inferno doctor\` shows whether the GPU is found; the next load uses it.`]);
  return success;
}

async function askConsent(context: Context, kind: GpuKind, plan: readonly PlannedPackage[]): Promise<void> {
  const size = sizeText(plan);
  if (context.json || !isInteractive(context.terminal)) {
    throw new InfernoError("consent_required", `The ${kind} library is a download (${size}) from your npm registry.`);
  }
  const { terminal } = context;
  for (const { name, version, bytes } of plan) {
    terminal.stderr.write(`${packageScope}/${name}@${version}  ${bytes === null ? "size unknown" : formatBytes(bytes)}\n`);
  }
  const { confirm, isCancel } = await import("@clack/prompts");
  const agreed = await confirm({ message: `Download ${size} from your npm registry into ${context.home}?`, initialValue: false, signal: terminal.stopped });
  if (isCancel(agreed)) throw new InfernoError("request_cancelled", "The installation was cancelled.");
  if (!agreed) throw new InfernoError("consent_required", "Nothing was downloaded.");
}

/** The sum of the known sizes; "at least" where one is not known. */
function sizeText(plan: readonly PlannedPackage[]): string {
  const known = plan.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
  if (known.length === 0) return "size unknown";
  const sum = formatBytes(known.reduce((a, b) => a + b, 0));
  return known.length === plan.length ? sum : `at least ${sum}`;
}

function progressLine(context: Context, plan: readonly PlannedPackage[]): (bytes: number) => void {
  const { stderr } = context.terminal;
  const paint = errPaint(context.terminal);
  return (bytes) => void stderr.write(`\r\x1B[K${paint.dim(`${formatBytes(bytes)} of ${sizeText(plan)}`)}`);
}

export async function gpuList(context: Context): Promise<number> {
  const expected = installedLlamaVersion(import.meta.dirname);
  const packages = await listInstalled(context.home);
  if (context.json) {
    printJson(context, { expected, packages });
    return success;
  }
  const paint = outPaint(context.terminal);
  const table = formatTable<(typeof packages)[number]>([
    { title: "PACKAGE", cell: ({ name }) => name, paint: (text) => paint.bold(text) },
    { title: "VERSION", cell: ({ version }) => version },
    { title: "SIZE", align: "right", cell: ({ bytes }) => formatBytes(bytes) },
    { title: "STATE", cell: ({ version }) => (version === expected ? "fits" : `needs ${expected}: run \`inferno gpu install\` again`) },
  ], packages, paint);
  printLines(context, packages.length === 0 ? ["No GPU library is installed."] : table);
  return success;
}

export async function gpuRemove(context: Context, asked: string | undefined): Promise<number> {
  const names = asked === undefined ? null : gpuPackages(checkKind(asked), machine);
  const packages = (await listInstalled(context.home)).filter(({ name }) => names === null || names.includes(name));
  await removeInstalled(packages);
  const removed = packages.map(({ name }) => name);
  if (context.json) printJson(context, { removed });
  else printLines(context, [removed.length === 0 ? "Nothing to remove." : `Removed ${removed.join(", ")}.`]);
  return success;
}

function checkKind(value: string): GpuKind {
  if (isGpuKind(value)) return value;
  throw new InfernoError("usage", `There is no GPU library "${value}".`, { hint: `Choose one of: ${gpuKinds.join(", ")}.` });
}

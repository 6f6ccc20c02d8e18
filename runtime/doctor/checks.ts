import type { Clock } from "../../base/clock.ts";
import type { DaemonRecord } from "../daemon/record.ts";
import { findLibraryFolder } from "../backends/llama/native/folder.ts";
import { checkOnnx } from "./onnx.ts";
import { openTraceStore } from "../store/trace-store.ts";
import type { ChainDependencies } from "../gpu/chain.ts";
import { installedLlamaVersion } from "../gpu/version.ts";
import { homePaths } from "../home/home.ts";
import type { SpawnHost } from "../host/process.ts";
import { found, type Check, type Outcome } from "./finding.ts";
import { chainChecks } from "./graphics.ts";
import type { Machine } from "../machine/machine.ts";
import { availableMemory } from "./memory.ts";
import { isPortFree, portOwner } from "./port-owner.ts";
import { probeModel } from "./probe.ts";
import { describeProcessor, loadedCpuVariant } from "./processor.ts";
import { checkHome } from "./state-folder.ts";
import { formatBytes, formatUs } from "../cli/format/units.ts";

export interface DoctorOptions {
  readonly machine: Machine;
  readonly gpus: ChainDependencies;
  readonly clock: Clock;
  readonly versions: { readonly inferno: string; readonly node: string; readonly requiredNode: string };
  readonly packageRoot: string;
  readonly home: string;
  readonly address: { readonly host: string; readonly port: number };
  /** The daemon that runs, or null. */
  readonly daemon: DaemonRecord | null;
  readonly spawn: SpawnHost;
  /** The model to try. */
  readonly model: string;
  readonly signal: AbortSignal;
}

/** A model needs its size and a little; below this even small ones will not fit well. */
const lowMemoryBytes = 1e9;
/** Generous: a cold disk and a busy machine are not a broken installation. */
const probeLimitMs = 60_000;

/** All checks, cheap ones first. */
export function makeChecks(options: DoctorOptions): Check[] {
  const { machine, home, packageRoot } = options;
  return [
    { id: "inferno", title: "Inferno", run: async () => found(`${options.versions.inferno} in ${packageRoot}`) },
    { id: "node", title: "Node.js", run: async () => checkNode(options) },
    { id: "library", title: "llama.cpp", run: async () => checkLibrary(options) },
    { id: "cpu", title: "CPU", run: async () => found(describeProcessor(machine)) },
    ...chainChecks(options.gpus),
    { id: "onnx", title: "onnxruntime", run: async () => await checkOnnx() },
    { id: "memory", title: "Memory", run: async () => checkMemory(machine) },
    { id: "home", title: "State folder", run: async () => await checkHome(home) },
    { id: "store", title: "Trace store", run: async () => checkStore(home) },
    { id: "daemon", title: "Daemon", run: async () => checkDaemon(options) },
    { id: "port", title: "Port", run: async () => await checkPort(options) },
    { id: "probe", title: "Inference", run: async () => await checkInference(options) },
  ];
}

function checkNode({ versions: { node, requiredNode } }: DoctorOptions): Outcome {
  const wanted = /\d+(?:\.\d+)*/.exec(requiredNode)?.[0] ?? "0";
  const older = node.localeCompare(wanted, "en", { numeric: true }) < 0;
  if (!older) return found(`${node} (${requiredNode} wanted)`);
  return { verdict: "failed", detail: `${node}, but Inferno needs ${requiredNode}`, fix: `Install Node.js ${wanted} or newer.` };
}

function checkLibrary({ machine: { platform, arch }, packageRoot, home }: DoctorOptions): Outcome {
  const { name, release } = findLibraryFolder({ platform, arch, from: packageRoot, home, gpu: "cpu" });
  return found(`${release} (${name} of node-llama-cpp ${installedLlamaVersion(packageRoot)})`);
}

function checkMemory(machine: Machine): Outcome {
  const { totalBytes, freeBytes, limited } = availableMemory(machine);
  const detail = `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} available${limited ? " (limit of this container)" : ""}`;
  if (freeBytes >= lowMemoryBytes) return found(detail);
  return { verdict: "warning", detail, fix: "End other programs, unload models (`inferno stop MODEL`), or use smaller ones." };
}

function checkStore(home: string): Outcome {
  const path = homePaths(home).traces;
  const store = openTraceStore({ path, keep: 1 });
  try {
    const newest = store.list(1)[0];
    return found(newest === undefined ? `${path}, empty` : `${path}, newest trace of ${newest.startedAt}`);
  } finally {
    store.close();
  }
}

function checkDaemon({ daemon, versions: { inferno } }: DoctorOptions): Outcome {
  if (daemon === null) return { verdict: "missing", detail: "not running", fix: "inferno serve" };
  const detail = `${daemon.url}, pid ${daemon.pid}, version ${daemon.version}`;
  if (daemon.version === inferno) return found(detail);
  return { verdict: "warning", detail: `${detail}, but this is ${inferno}`, fix: "inferno stop && inferno serve" };
}

async function checkPort({ machine, address: { host, port }, daemon }: DoctorOptions): Promise<Outcome> {
  if (port === 0) return found("any free one");
  if (daemon !== null && new URL(daemon.url).port === String(port)) return found(`${port}, taken by the daemon`);
  if (await isPortFree(host, port)) return found(`${port} is free`);
  const owner = portOwner(machine, port) ?? "another program";
  return { verdict: "warning", detail: `${port} is taken by ${owner}`, fix: "inferno serve --port 0, or `server.port` in inferno.yaml" };
}

async function checkInference({ machine, clock, home, spawn, model: path, signal }: DoctorOptions): Promise<Outcome> {
  const variants: string[] = [];
  const onReady = (pid: number | null): void => {
    const variant = pid === null ? null : loadedCpuVariant(machine, pid);
    if (variant !== null) variants.push(`, CPU code "${variant}"`);
  };
  const { model, loadUs, answerUs } = await probeModel({ spawn, home, path, clock, limitMs: probeLimitMs, signal, onReady });
  return found(`${model.name} loaded in ${formatUs(loadUs)} and answered in ${formatUs(answerUs)} (${model.library}${variants.join("")})`);
}

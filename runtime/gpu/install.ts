import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InfernoError } from "../../protocol/errors.ts";
import { packageVersion } from "../daemon/version.ts";
import { folderSize } from "./folder-size.ts";
import { readLockedIntegrity } from "./lock-integrity.ts";
import { packageScope } from "./packages.ts";
import type { Npm } from "./npm.ts";
import type { PlannedPackage } from "./plan.ts";

export interface InstallOptions {
  readonly npm: Npm;
  /** State folder; packages go to `gpu/@node-llama-cpp/NAME` of it, where the llama backend looks. */
  readonly home: string;
  readonly signal: AbortSignal;
  /** Bytes fetched so far, now and then. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly pid: number;
  readonly isAlive: (pid: number) => boolean;
}

const progressMs = 250;
const stagingPattern = /^\.install-(\d+)-/;

/** Fetches the packages into a staging folder and moves them in one rename each: a half-fetched library is never found. */
export async function installPackages(packages: readonly PlannedPackage[], options: InstallOptions): Promise<void> {
  const gpu = join(options.home, "gpu");
  const staging = await makeStaging(gpu, options);
  const cache = join(staging, "cache");
  const timer = setInterval(() => void folderSize(cache).then(options.onProgress), progressMs);
  try {
    await writeFile(join(staging, "package.json"), JSON.stringify({ private: true }));
    const specs = packages.map(({ name, version }) => `${packageScope}/${name}@${version}`);
    // npm checks each tarball against the registry's checksum. No scripts run. Its cache is thrown away: hundreds of MB, never used again.
    const flags = ["--prefix", staging, "--cache", cache, "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--no-progress", "--json"];
    await options.npm(["install", ...flags, ...specs], { cwd: staging, signal: options.signal });
    for (const planned of packages) await check(join(staging, "node_modules"), planned);
    for (const { name } of packages) await moveIn(join(staging, "node_modules", packageScope, name), join(gpu, packageScope), name, staging);
  } finally {
    clearInterval(timer);
    await rm(staging, { recursive: true, force: true });
  }
}

async function makeStaging(gpu: string, { pid, isAlive }: InstallOptions): Promise<string> {
  try {
    await mkdir(join(gpu, packageScope), { recursive: true });
    for (const entry of await readdir(gpu)) {
      const owner = stagingPattern.exec(entry)?.[1];
      // Left by an installation that was killed.
      if (owner !== undefined && !isAlive(Number(owner))) await rm(join(gpu, entry), { recursive: true, force: true });
    }
    return await mkdtemp(join(gpu, `.install-${pid}-`));
  } catch (cause) {
    throw new InfernoError("home_unwritable", `Cannot write to ${gpu}: ${String(cause)}`, { cause });
  }
}

/** The registry may have changed its mind between consent and fetch, and a mirror may serve something empty under this name. */
async function check(modules: string, { name, version, integrity }: PlannedPackage): Promise<void> {
  const folder = join(modules, packageScope, name);
  const fetched = await readLockedIntegrity(modules, `node_modules/${packageScope}/${name}`);
  if (fetched !== integrity) {
    throw new InfernoError("install_failed", `The checksum of ${name} is ${fetched ?? "unknown"}, but ${integrity} was agreed to.`);
  }
  const found = packageVersion(folder);
  if (found !== version) throw new InfernoError("install_failed", `The package fetched for ${name} is version ${found}, not ${version}.`);
  const entries = await readdir(join(folder, "bins"), { recursive: true, withFileTypes: true }).catch(() => []);
  if (!entries.some((entry) => entry.isFile())) throw new InfernoError("install_failed", `The package fetched for ${name} holds no library (no files under bins/).`);
}

async function moveIn(from: string, scope: string, name: string, staging: string): Promise<void> {
  const target = join(scope, name);
  // A running model host may hold the old library open; moved aside it stays usable for it, and goes with the staging folder.
  await rename(target, join(staging, `old-${name}`)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  });
  await rename(from, target);
}

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import { installPackages, type InstallOptions } from "../../../../runtime/gpu/install.ts";
import { listInstalled, removeInstalled } from "../../../../runtime/gpu/installed.ts";
import type { PlannedPackage } from "../../../../runtime/gpu/plan.ts";

const root = mkdtempSync(join(tmpdir(), "inferno-gpu-"));
after(() => rmSync(root, { recursive: true, force: true }));

const planned: PlannedPackage = { name: "linux-x64-vulkan", version: "3.2.1", integrity: "sha512-right", bytes: 10 };

interface Fetched {
  readonly integrity?: string;
  readonly version?: string;
  readonly library?: boolean;
}

/** An npm that puts this into node_modules. */
const npm = ({ integrity = planned.integrity, version = planned.version, library = true }: Fetched = {}): InstallOptions["npm"] => async (_, { cwd }) => {
  const location = "node_modules/@node-llama-cpp/linux-x64-vulkan";
  mkdirSync(join(cwd, location, "bins", planned.name), { recursive: true });
  if (library) writeFileSync(join(cwd, location, "bins", planned.name, "libllama.so"), version);
  writeFileSync(join(cwd, location, "package.json"), JSON.stringify({ version }));
  writeFileSync(join(cwd, "node_modules", ".package-lock.json"), JSON.stringify({ packages: { [location]: { integrity } } }));
  return "{}";
};

const options = (home: string, rest: Partial<InstallOptions> = {}): InstallOptions => ({
  npm: npm(), home, signal: new AbortController().signal, pid: 100, isAlive: (pid) => pid === 100, ...rest,
});
const freshHome = (): string => mkdtempSync(join(root, "home-"));
const gpuEntries = (home: string): string[] => readdirSync(join(home, "gpu"));
const library = (home: string): string => join(home, "gpu", "@node-llama-cpp", planned.name, "bins", planned.name, "libllama.so");

test("moves the checked package where the backend looks, and leaves nothing else", async () => {
  const home = freshHome();
  await installPackages([planned], options(home));
  assert.equal(readFileSync(library(home), "utf8"), "3.2.1");
  assert.deepEqual(gpuEntries(home), ["@node-llama-cpp"]);
  const installed = await listInstalled(home);
  assert.deepEqual(installed.map(({ name, version }) => ({ name, version })), [{ name: planned.name, version: "3.2.1" }]);
  assert.ok((installed[0]?.bytes ?? 0) > 0);
  await removeInstalled(installed);
  assert.deepEqual(await listInstalled(home), []);
});

test("replaces an older version", async () => {
  const home = freshHome();
  await installPackages([{ ...planned, version: "3.0.0" }], options(home, { npm: npm({ version: "3.0.0" }) }));
  await installPackages([planned], options(home));
  assert.equal(readFileSync(library(home), "utf8"), "3.2.1");
  assert.deepEqual(gpuEntries(home), ["@node-llama-cpp"]);
});

test("whatever is wrong with the download, the library that was there stays, and no rest", async () => {
  const home = freshHome();
  await installPackages([{ ...planned, version: "3.0.0" }], options(home, { npm: npm({ version: "3.0.0" }) }));
  const bad: [Fetched, RegExp][] = [[{ integrity: "sha512-wrong" }, /checksum/], [{ version: "9.9.9" }, /version 9\.9\.9/], [{ library: false }, /no library/]];
  for (const [fetched, message] of bad) {
    await assert.rejects(installPackages([planned], options(home, { npm: npm(fetched) })), { code: "install_failed", message });
    assert.equal(readFileSync(library(home), "utf8"), "3.0.0");
    assert.deepEqual(gpuEntries(home), ["@node-llama-cpp"]);
  }
  const cancelled = options(home, { npm: async () => { throw new InfernoError("request_cancelled", "stopped"); } });
  await assert.rejects(installPackages([planned], cancelled), { code: "request_cancelled" });
  assert.deepEqual(gpuEntries(home), ["@node-llama-cpp"]);
});

test("clears up after installations that were killed, not after those that run", async () => {
  const home = freshHome();
  mkdirSync(join(home, "gpu", ".install-99-dead"), { recursive: true });
  mkdirSync(join(home, "gpu", ".install-100-running"));
  await installPackages([planned], options(home));
  assert.deepEqual(gpuEntries(home).sort(), [".install-100-running", "@node-llama-cpp"]);
});

test("a state folder that cannot be written is said to be so", async () => {
  const home = join(freshHome(), "file");
  writeFileSync(home, "");
  await assert.rejects(installPackages([planned], options(home)), { code: "home_unwritable" });
  assert.equal(existsSync(join(home, "gpu")), false);
});

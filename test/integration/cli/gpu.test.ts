import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { InfernoError } from "../../../protocol/errors.ts";
import { runCli } from "../../../runtime/cli/cli.ts";
import { Stopped } from "../../../runtime/cli/terminal.ts";
import { gpuPackages, hasGpuPackages } from "../../../runtime/gpu/packages.ts";
import { installedLlamaVersion } from "../../../runtime/gpu/version.ts";
import { eventually } from "../../drivers/eventually.ts";
import { fakeTerminal } from "../../drivers/fake-terminal.ts";
import { startNpmRegistry, type FakePackage, type FakeRegistry } from "../../drivers/npm-registry.ts";

/** With the real npm, and a registry on the loopback that serves tiny packages under the real names. */
describe("inferno gpu", { skip: hasGpuPackages(process) ? false : "there are no GPU packages for this machine" }, () => {
  const root = mkdtempSync(join(tmpdir(), "inferno-gpu-cli-"));
  const version = installedLlamaVersion(import.meta.dirname);
  const [vulkan = ""] = gpuPackages("vulkan", process);
  const [cuda = ""] = gpuPackages("cuda", process);
  let registry: FakeRegistry;

  const library = (name: string, rest: Partial<FakePackage> = {}): FakePackage => ({
    name: `@node-llama-cpp/${name}`, version, files: { [`bins/${name}/libllama.so`]: "library" }, ...rest,
  });
  const serve = async (...packages: FakePackage[]): Promise<void> => {
    await registry.close();
    registry = await startNpmRegistry(packages, root);
  };
  before(async () => {
    registry = await startNpmRegistry([], root);
  });
  after(async () => {
    await registry.close();
    rmSync(root, { recursive: true, force: true });
  });

  let homes = 0;
  const freshHome = (): string => {
    const home = join(root, `home-${homes++}`);
    mkdirSync(home);
    return home;
  };
  const inferno = async (home: string, ...args: string[]) => {
    const terminal = fakeTerminal({ env: { ...registry.env, INFERNO_HOME: home } });
    return { code: await runCli(["gpu", ...args], terminal, "1"), ...terminal.printed };
  };
  const installed = (home: string): string[] => {
    const gpu = join(home, "gpu");
    return existsSync(gpu) ? readdirSync(gpu, { recursive: true }).map(String).filter((path) => path.endsWith("libllama.so")) : [];
  };

  test("without consent nothing is fetched, and the size is told", async () => {
    await serve(library(vulkan));
    const home = freshHome();
    const { code, stderr } = await inferno(home, "install", "vulkan");
    assert.equal(code, 2);
    assert.match(stderr, /consent_required/);
    assert.match(stderr, /download \(\d+ B\)/);
    assert.deepEqual(registry.requests.filter((request) => request.startsWith("GET") && request.endsWith(".tgz")), []);
    assert.deepEqual(installed(home), []);
  });

  test("with it the library is fetched, checked, listed and removed", async () => {
    await serve(library(vulkan));
    const home = freshHome();
    const { code, stdout, stderr } = await inferno(home, "install", "vulkan", "--yes", "--json");
    assert.equal(code, 0, stderr + stdout);
    const answer = JSON.parse(stdout) as { installed: { name: string; version: string; integrity: string }[] };
    assert.equal(answer.installed[0]!.name, vulkan);
    assert.match(answer.installed[0]!.integrity, /^sha512-/);
    assert.deepEqual(installed(home), [join("@node-llama-cpp", vulkan, "bins", vulkan, "libllama.so")]);
    assert.match((await inferno(home, "list")).stdout, new RegExp(`${vulkan} +${version} .*fits`));
    assert.equal((await inferno(home, "remove", "cuda")).stdout, "Nothing to remove.\n");
    assert.equal((await inferno(home, "remove")).stdout, `Removed ${vulkan}.\n`);
    assert.deepEqual(installed(home), []);
  });

  test("a download that is not what the checksum says is refused", async () => {
    await serve(library(vulkan, { tampered: true }));
    const home = freshHome();
    const { code, stderr } = await inferno(home, "install", "vulkan", "--yes");
    assert.equal(code, new InfernoError("install_failed", "").exitCode);
    assert.match(stderr, /EINTEGRITY[^]*install_failed/);
    assert.deepEqual(installed(home), []);
    assert.deepEqual(readdirSync(join(home, "gpu")), ["@node-llama-cpp"]);
  });

  test("a registry without the package, or without checksums, is told by name", async () => {
    await serve(library(vulkan, { withoutIntegrity: true }));
    assert.match((await inferno(freshHome(), "install", "vulkan", "--yes")).stderr, /no checksum.*install_failed/);
    const missing = await inferno(freshHome(), "install", "cuda", "--yes");
    assert.equal(missing.code, 5);
    assert.match(missing.stderr, /E404/);
    assert.match(missing.stderr, new RegExp(cuda));
  });

  test("Ctrl-C in mid-download ends npm and leaves nothing", async () => {
    await serve(library(vulkan, { stalls: true }));
    const home = freshHome();
    const terminal = fakeTerminal({ env: { ...registry.env, INFERNO_HOME: home } });
    const running = runCli(["gpu", "install", "vulkan", "--yes"], terminal, "1");
    await eventually("the download's begin", async () => registry.requests.some((request) => request.startsWith("GET") && request.endsWith(".tgz")));
    terminal.stop(new Stopped(130));
    assert.equal(await running, 130);
    assert.deepEqual(readdirSync(join(home, "gpu")), ["@node-llama-cpp"]);
  });

  test("without npm it says what to install", async () => {
    const terminal = fakeTerminal({ env: { PATH: "", INFERNO_HOME: freshHome() } });
    assert.equal(await runCli(["gpu", "install", "vulkan"], terminal, "1"), 5);
    assert.match(terminal.printed.stderr, /npm could not be started[^]*PATH/);
  });
});

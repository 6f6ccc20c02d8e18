import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { LibraryFolder, LibraryKind } from "../../../../runtime/backends/llama/native/folder.ts";
import { chainOf, passedOver, takenStep, walkChain, type ChainDependencies } from "../../../../runtime/gpu/chain.ts";
import type { ProbeResult } from "../../../../runtime/gpu/device.ts";
import { fakeMachine } from "../doctor/fake-machine.ts";

const folderOf = (name: string): LibraryFolder => ({
  name, path: `/${name}`, release: "v1", fallback: undefined, files: { llama: `/${name}/llama`, ggml: `/${name}/ggml`, ggmlBase: `/${name}/base` },
});
const device = { name: "CUDA0", description: "Card", freeBytes: 3e9, totalBytes: 4e9 };
const driver = { "/dev/nvidia0": "", "/usr/lib64/libcuda.so.1": "", "/dev/dri/renderD128": "", "/usr/lib64/libvulkan.so.1": "" };

/** A machine on which these libraries are installed; what loading each of them gives. */
function gpus(results: Partial<Record<LibraryKind, ProbeResult>>, files: Record<string, string> = driver, arch = "x64", platform: NodeJS.Platform = "linux") {
  const probed: string[] = [];
  const dependencies: ChainDependencies = {
    machine: fakeMachine({ files, arch, platform }),
    findFolder: (kind) => {
      if (kind === "cpu" || results[kind] !== undefined) return folderOf(kind);
      throw new InfernoError("engine_unsupported", "not there");
    },
    probe: async ({ name }) => {
      probed.push(name);
      return results[name as LibraryKind]!;
    },
  };
  return { dependencies, probed, walk: async () => await walkChain(chainOf(dependencies.machine), dependencies) };
}

suite("the chain", () => {
  test("of each kind of machine", () => {
    assert.deepEqual(chainOf({ platform: "linux", arch: "x64" }), ["cuda", "vulkan", "cpu"]);
    assert.deepEqual(chainOf({ platform: "win32", arch: "x64" }), ["cuda", "vulkan", "cpu"]);
    assert.deepEqual(chainOf({ platform: "darwin", arch: "arm64" }), ["metal", "cpu"]);
    assert.deepEqual(chainOf({ platform: "darwin", arch: "x64" }), ["cpu"]);
    assert.deepEqual(chainOf({ platform: "linux", arch: "arm64" }), ["cpu"]);
  });

  test("ends at the first that works", async () => {
    const { walk, probed } = gpus({ cuda: { devices: [device] }, vulkan: { devices: [device] } });
    const steps = await walk();
    assert.deepEqual(steps.map(({ kind, reason }) => [kind, reason]), [["cuda", "Card, 3.00 GB of 4.00 GB free"]]);
    assert.equal(takenStep(steps).folder.name, "cuda");
    assert.deepEqual(probed, ["cuda"]);
  });

  test("passes over with a reason for each, down to the processor", async () => {
    const { walk } = gpus({ cuda: { failure: "the process that tried it was ended by signal SIGABRT" }, vulkan: { devices: [] } });
    const steps = await walk();
    assert.equal(takenStep(steps).kind, "cpu");
    assert.match(passedOver(steps), /^cuda: .*SIGABRT; vulkan: the library finds no GPU \(drivers that compute on the CPU do not count/);
  });

  test("what is not installed is never tried", async () => {
    const { walk, probed } = gpus({}, {});
    assert.match(passedOver(await walk()), /^cuda: no NVIDIA GPU found, no driver \(libcuda\.so\.1\), library not installed; vulkan: /);
    assert.deepEqual(probed, []);
  });

  test("without a driver the missing driver is the reason, not the library that finds nothing", async () => {
    const steps = await gpus({ vulkan: { devices: [] } }, { "/dev/dri/renderD128": "" }).walk();
    const step = steps.find(({ kind }) => kind === "vulkan");
    assert.equal(step?.reason, "no driver (libvulkan.so.1)");
    assert.ok(!step.taken && step.fix?.includes("mesa-vulkan-drivers") === true);
  });

  test("the first step that helps is named", async () => {
    const [cuda] = await gpus({}).walk();
    assert.ok(cuda?.taken === false);
    assert.deepEqual([cuda.reason, cuda.fix], ["library not installed", "inferno gpu install cuda"]);
  });

  test("Apple's library is tried like any other", async () => {
    const steps = await gpus({ metal: { failure: "no memory" } }, {}, "arm64", "darwin").walk();
    assert.equal(passedOver(steps), "metal: no memory");
  });
});

suite("a named GPU", () => {
  test("that does not work is an error with the reason", async () => {
    const { dependencies } = gpus({ cuda: { failure: "it crashed" } });
    const steps = await walkChain(["cuda"], dependencies);
    assert.throws(() => takenStep(steps), { code: "model_load_failed", param: "gpu", message: "gpu is cuda, which does not work here: it crashed." });
  });

  test("that this machine can never have says so", async () => {
    const { dependencies } = gpus({});
    const steps = await walkChain(["metal"], dependencies);
    assert.throws(() => takenStep(steps), { message: /there is no metal library for linux x64/ });
  });
});

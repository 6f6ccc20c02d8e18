import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { LibraryFolder } from "../../../../runtime/backends/llama/native/folder.ts";
import { runChecks } from "../../../../runtime/doctor/finding.ts";
import { chainChecks } from "../../../../runtime/doctor/graphics.ts";
import { availableMemory } from "../../../../runtime/doctor/memory.ts";
import { cpuFeatures, describeProcessor, loadedCpuVariant } from "../../../../runtime/doctor/processor.ts";
import { lookForDriver } from "../../../../runtime/gpu/driver.ts";
import { fakeMachine } from "./fake-machine.ts";

describe("processor", () => {
  const flags = (text: string) => ({ "/proc/cpuinfo": `processor\t: 0\nflags\t\t: fpu ${text} sse2\n\nprocessor\t: 1\n` });

  test("names the instruction sets that llama.cpp has code for, and only those", () => {
    assert.deepEqual(cpuFeatures(fakeMachine({ files: flags("avx2 avx rdtscp fma sse4_2 avx512f") })), ["SSE4.2", "AVX", "FMA", "AVX2", "AVX-512"]);
    assert.deepEqual(cpuFeatures(fakeMachine({ files: flags("avx512vl") })), [], "a longer name is another one");
    const arm = fakeMachine({ arch: "arm64", files: { "/proc/cpuinfo": "Features\t: fp asimd asimddp\n" } });
    assert.deepEqual(cpuFeatures(arm), ["NEON", "DOTPROD"]);
  });

  test("says when the system does not tell", () => {
    assert.equal(cpuFeatures(fakeMachine({ platform: "darwin" })), null);
    assert.match(describeProcessor(fakeMachine()), /^Test CPU, 4 processors; features unknown/);
  });

  test("finds the CPU library that a process has loaded", () => {
    const maps = "7f00-7f01 r-xp 00000000 08:01 42 /app/bins/linux-x64/libggml-cpu-haswell.so\n";
    const machine = fakeMachine({ files: { "/proc/77/maps": maps } });
    assert.equal(loadedCpuVariant(machine, 77), "haswell");
    assert.equal(loadedCpuVariant(machine, 78), null);
  });
});

describe("GPU driver", () => {
  const device = { "/dev/nvidia0": "", "/dev/nvidiactl": "" };
  const driver = { "/usr/lib/x86_64-linux-gnu/libcuda.so.1": "" };
  const cuda = (files: Record<string, string>, env: NodeJS.ProcessEnv = {}) => lookForDriver("cuda", fakeMachine({ files, env }));

  test("everything there", () => assert.deepEqual(cuda({ ...device, ...driver }), { missing: [], hasDevice: true, fix: null }));

  test("each missing part is named, and what helps", () => {
    assert.deepEqual(cuda(device), { missing: ["no driver (libcuda.so.1)"], hasDevice: true, fix: "Install NVIDIA's driver." });
    assert.deepEqual(cuda(driver), { missing: ["no NVIDIA GPU found"], hasDevice: false, fix: null });
    assert.deepEqual(cuda({ "/dev/nvidiactl": "" }).missing, ["no NVIDIA GPU found", "no driver (libcuda.so.1)"], "the control node alone is no GPU");
  });

  test("a driver counts wherever the loader would find it", () => {
    assert.deepEqual(cuda({ ...device, "/opt/driver/libcuda.so.1": "" }, { LD_LIBRARY_PATH: "/x:/opt/driver" }).missing, []);
    assert.deepEqual(cuda({ ...device, "/etc/ld.so.cache": "\0libcuda.so.1\0/strange/place/libcuda.so.1\0" }).missing, []);
    assert.deepEqual(cuda({ "/dev/dxg": "", "/usr/lib/wsl/lib/libcuda.so.1": "" }).missing, [], "Windows' GPU inside WSL");
  });

  test("Vulkan takes any GPU", () => {
    const vulkan = (files: Record<string, string>) => lookForDriver("vulkan", fakeMachine({ files })).missing;
    assert.deepEqual(vulkan({ "/dev/dri/renderD128": "", "/usr/lib64/libvulkan.so.1": "" }), []);
    assert.deepEqual(vulkan({ "/dev/dri/card0": "", "/usr/lib64/libvulkan.so.1": "" }), ["no GPU found"]);
  });
});

describe("GPU chain", () => {
  const folder: LibraryFolder = { name: "any", path: "/any", release: "v1", fallback: undefined, files: { llama: "", ggml: "", ggmlBase: "" } };
  const lines = async (works: readonly string[], arch = "x64") => {
    const checks = chainChecks({
      machine: fakeMachine({ arch, files: { "/dev/nvidia0": "", "/usr/lib64/libcuda.so.1": "" } }),
      findFolder: (kind) => {
        if (works.includes(kind)) return { ...folder, name: kind };
        throw new InfernoError("engine_unsupported", "not there");
      },
      probe: async ({ name }) => ({ devices: [{ name, description: "Card", freeBytes: 1e9, totalBytes: 2e9 }] }),
    });
    return (await runChecks(checks, () => undefined)).map(({ id, verdict, detail, fix }) => [id, verdict, detail, fix]);
  };

  test("each step has its reason, and the last line the choice", async () => {
    assert.deepEqual(await lines(["vulkan"]), [
      ["cuda", "missing", "passed over: library not installed", "inferno gpu install cuda"],
      ["vulkan", "ok", "taken: Card, 1.00 GB of 2.00 GB free", null],
      ["device", "ok", "computes with vulkan what fits there, the rest on the CPU", null],
    ]);
  });

  test("a second GPU is told of, but not taken", async () => {
    assert.equal((await lines(["cuda", "vulkan"]))[1]?.[2], "works, but comes later in the chain: Card, 1.00 GB of 2.00 GB free");
  });

  test("a machine without GPU libraries", async () => {
    assert.deepEqual(await lines([], "arm64"), [["device", "ok", "computes on the CPU", null]]);
  });
});

describe("memory", () => {
  test("counts the page cache as available", () => {
    const machine = fakeMachine({ files: { "/proc/meminfo": "MemTotal:  8000000 kB\nMemFree:  100 kB\nMemAvailable:  4000000 kB\n" } });
    assert.deepEqual(availableMemory(machine), { totalBytes: 8e9, freeBytes: 4_096_000_000, limited: false });
    assert.deepEqual(availableMemory(fakeMachine({ platform: "darwin" })), { totalBytes: 8e9, freeBytes: 1e9, limited: false });
  });

  test("obeys a container's limit", () => {
    const files = (max: string) => ({ "/sys/fs/cgroup/memory.max": max, "/sys/fs/cgroup/memory.current": "1500000000" });
    assert.deepEqual(availableMemory(fakeMachine({ files: files("2000000000\n") })), { totalBytes: 2e9, freeBytes: 5e8, limited: true });
    assert.deepEqual(availableMemory(fakeMachine({ files: files("1000000000") })).freeBytes, 0);
    assert.equal(availableMemory(fakeMachine({ files: files("max\n") })).limited, false);
  });
});

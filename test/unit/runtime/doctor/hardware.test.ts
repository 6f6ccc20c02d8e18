import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkGpu, checkMetal } from "../../../../runtime/doctor/graphics.ts";
import { availableMemory } from "../../../../runtime/doctor/memory.ts";
import { cpuFeatures, describeProcessor, loadedCpuVariant } from "../../../../runtime/doctor/processor.ts";
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

describe("GPU", () => {
  const roots = ["/home/gpu", "/app/node_modules"];
  const device = { "/dev/nvidia0": "", "/dev/nvidiactl": "" };
  const driver = { "/usr/lib/x86_64-linux-gnu/libcuda.so.1": "" };
  const library = { "/home/gpu/@node-llama-cpp/linux-x64-cuda/bins/linux-x64-cuda/libllama.so": "" };
  const cuda = (files: Record<string, string>, env: NodeJS.ProcessEnv = {}) => checkGpu("cuda", { machine: fakeMachine({ files, env }), roots });

  test("everything there", () => assert.equal(cuda({ ...device, ...driver, ...library }).verdict, "ok"));

  test("each missing part is named, and the first step that helps", () => {
    assert.deepEqual(cuda({ ...device, ...driver }), { verdict: "missing", detail: "library not installed", fix: "inferno gpu install cuda" });
    assert.deepEqual(cuda({ ...device, ...library }), { verdict: "missing", detail: "no driver (libcuda.so.1)", fix: "Install NVIDIA's driver." });
    assert.deepEqual(cuda({ ...driver, ...library }), { verdict: "missing", detail: "no NVIDIA GPU found", fix: null });
    assert.equal(cuda({}).detail, "no NVIDIA GPU found, no driver (libcuda.so.1), library not installed");
    assert.match(cuda({ "/dev/nvidiactl": "" }).detail, /no NVIDIA GPU/, "the control node alone is no GPU");
  });

  test("a driver counts wherever the loader would find it", () => {
    assert.equal(cuda({ ...device, ...library, "/opt/driver/libcuda.so.1": "" }, { LD_LIBRARY_PATH: "/x:/opt/driver" }).verdict, "ok");
    assert.equal(cuda({ ...device, ...library, "/etc/ld.so.cache": "\0libcuda.so.1\0/strange/place/libcuda.so.1\0" }).verdict, "ok");
    assert.equal(cuda({ ...library, "/dev/dxg": "", "/usr/lib/wsl/lib/libcuda.so.1": "" }).verdict, "ok", "Windows' GPU inside WSL");
  });

  test("a package that npm replaced by an empty one does not count as installed", () => {
    const stub = { "/app/node_modules/@node-llama-cpp/linux-x64-cuda/package.json": "{}" };
    assert.match(cuda({ ...device, ...driver, ...stub }).detail, /not installed/);
  });

  test("Vulkan takes any GPU", () => {
    const files = { "/dev/dri/renderD128": "", "/usr/lib64/libvulkan.so.1": "" };
    assert.equal(checkGpu("vulkan", { machine: fakeMachine({ files }), roots }).fix, "inferno gpu install vulkan");
    assert.match(checkGpu("vulkan", { machine: fakeMachine({ files: { "/dev/dri/card0": "" } }), roots }).detail, /no GPU found/);
  });

  test("machines for which there is no library, and Metal", () => {
    assert.match(checkGpu("cuda", { machine: fakeMachine({ platform: "darwin", arch: "arm64" }), roots }).detail, /no cuda library for darwin arm64/);
    assert.equal(checkMetal(fakeMachine({ platform: "darwin", arch: "arm64" })).verdict, "ok");
    assert.equal(checkMetal(fakeMachine()).verdict, "missing");
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

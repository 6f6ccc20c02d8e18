import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultThreads, physicalCores, type Processors } from "../../../../../runtime/backends/llama/threads.ts";

const machine = (platform: NodeJS.Platform, arch: string, available: number, siblings: string[] = []): Processors =>
  ({ platform, arch, available, siblingsOf: (index) => siblings[index] });

test("on Linux, processors that share a core count once", () => {
  assert.equal(physicalCores(machine("linux", "x64", 4, ["0,2", "1,3", "0,2", "1,3"])), 2);
  assert.equal(physicalCores(machine("linux", "x64", 2, ["0", "1", "2", "3"])), 2, "no more than the container may use");
  assert.equal(physicalCores(machine("linux", "x64", 3)), 3, "a system without /sys");
});

test("elsewhere, x64 is taken to run two threads a core and arm one", () => {
  assert.equal(physicalCores(machine("win32", "x64", 16)), 8);
  assert.equal(physicalCores(machine("darwin", "arm64", 10)), 10);
});

test("one core is left to the rest of the machine, but one thread is the least", () => {
  assert.equal(defaultThreads(machine("darwin", "arm64", 10)), 9);
  assert.equal(defaultThreads(machine("linux", "x64", 1, ["0"])), 1);
  assert.equal(defaultThreads(machine("win32", "x64", 1)), 1);
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gpuPackages, hasGpuPackages, isGpuKind } from "../../../../runtime/gpu/packages.ts";
import { installedLlamaVersion } from "../../../../runtime/gpu/version.ts";

test("which packages a machine needs", () => {
  assert.deepEqual(gpuPackages("cuda", { platform: "linux", arch: "x64" }), ["linux-x64-cuda", "linux-x64-cuda-ext"]);
  assert.deepEqual(gpuPackages("vulkan", { platform: "win32", arch: "x64" }), ["win-x64-vulkan"]);
  assert.throws(() => gpuPackages("cuda", { platform: "darwin", arch: "arm64" }), { code: "usage", hint: /Metal is installed already/ });
  assert.throws(() => gpuPackages("vulkan", { platform: "linux", arch: "arm64" }), { code: "usage", message: /linux arm64/ });
  assert.equal(hasGpuPackages({ platform: "linux", arch: "arm64" }), false);
  assert.equal(isGpuKind("cuda"), true);
  assert.equal(isGpuKind("toString"), false);
});

test("the version is that of the nearest node-llama-cpp", () => {
  const root = mkdtempSync(join(tmpdir(), "inferno-version-"));
  try {
    const install = (base: string, version: string): void => {
      const folder = join(base, "node_modules", "node-llama-cpp");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), JSON.stringify({ version }));
    };
    const inner = join(root, "app", "dist");
    mkdirSync(inner, { recursive: true });
    install(root, "1.0.0");
    assert.equal(installedLlamaVersion(inner), "1.0.0");
    install(join(root, "app"), "2.0.0");
    assert.equal(installedLlamaVersion(inner), "2.0.0");
  } finally {
    rmSync(root, { recursive: true });
  }
});

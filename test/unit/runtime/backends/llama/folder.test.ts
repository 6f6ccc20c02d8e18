import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findLibraryFolder, type LibrarySearch } from "../../../../../runtime/backends/llama/native/folder.ts";
import { openLibrary } from "../../../../../runtime/backends/llama/native/library.ts";

const root = mkdtempSync(join(tmpdir(), "inferno-folder-"));
after(() => rmSync(root, { recursive: true, force: true }));
const home = join(root, "home");
const from = join(root, "app", "dist");
const search: LibrarySearch = { platform: "linux", arch: "x64", from, home, gpu: "cpu" };

function install(base: string, name: string, files: readonly string[], release = "v0.5.0"): string {
  const folder = join(base, "@node-llama-cpp", name, "bins", name);
  mkdirSync(folder, { recursive: true });
  for (const file of files) writeFileSync(join(folder, file), "");
  writeFileSync(join(folder, "_nlcBuildMetadata.json"), JSON.stringify({ buildOptions: { llamaCpp: { release } } }));
  return folder;
}

const linuxFiles = ["libllama.v0.5.0.so", "libggml.v0.5.0.so", "libggml-base.so", "libllama-common.so", "libggml-cpu-x64.so"];

test("the CPU package is found in a node_modules above, and its files by name", () => {
  const folder = install(join(root, "app", "node_modules"), "linux-x64", linuxFiles);
  const found = findLibraryFolder(search);
  assert.equal(found.path, folder);
  assert.equal(found.release, "v0.5.0");
  assert.deepEqual(found.files, {
    llama: join(folder, "libllama.v0.5.0.so"),
    ggml: join(folder, "libggml.v0.5.0.so"),
    ggmlBase: join(folder, "libggml-base.so"),
  });
});

test("a GPU's library is found in the state folder, and nothing else does for it", () => {
  install(join(root, "app", "node_modules"), "linux-x64", linuxFiles);
  assert.throws(() => findLibraryFolder({ ...search, gpu: "cuda" }), { code: "engine_unsupported", message: /linux-x64-cuda/ });
  const cudaFiles = ["libllama.cuda.v0.5.0.so", "libggml.cuda.v0.5.0.so", "libggml-base.so", "libggml-cuda.so", "libggml-cpu-x64.so"];
  const cuda = install(join(home, "gpu"), "linux-x64-cuda", cudaFiles);
  assert.equal(findLibraryFolder({ ...search, gpu: "cuda" }).path, cuda);
  assert.equal(findLibraryFolder(search).name, "linux-x64");
  const fallback = join(home, "gpu", "@node-llama-cpp", "linux-x64-cuda-ext", "bins", "linux-x64-cuda", "fallback");
  mkdirSync(fallback, { recursive: true });
  assert.equal(findLibraryFolder({ ...search, gpu: "cuda" }).fallback, fallback);
});

test("file names of macOS and Windows", () => {
  const modules = join(root, "app", "node_modules");
  install(modules, "mac-arm64-metal", ["libllama.metal.v0.5.0.dylib", "libggml.metal.v0.5.0.dylib", "libggml-base.dylib"]);
  install(modules, "win-x64", ["llama.v0.5.0.dll", "ggml.v0.5.0.dll", "ggml-base.dll"]);
  assert.match(findLibraryFolder({ ...search, platform: "darwin", arch: "arm64" }).files.llama, /libllama\.metal\.v0\.5\.0\.dylib$/);
  assert.match(findLibraryFolder({ ...search, platform: "win32" }).files.ggmlBase, /ggml-base\.dll$/);
});

test("no package, an incomplete one and another release are refused with what to do", () => {
  const refused = (message: RegExp) => ({ code: "engine_unsupported", message, hint: /npm ci/ });
  assert.throws(() => findLibraryFolder({ ...search, arch: "riscv64" }), refused(/linux riscv64 .*@node-llama-cpp\/linux-riscv64/));
  const bare = { ...search, from: join(root, "bare") };
  install(join(root, "bare", "node_modules"), "linux-x64", ["libllama.v0.5.0.so"]);
  assert.throws(() => findLibraryFolder(bare), refused(/no ggml library/));
  const old = { ...search, from: join(root, "old") };
  install(join(root, "old", "node_modules"), "linux-x64", linuxFiles, "v0.4.9");
  assert.throws(() => openLibrary(findLibraryFolder(old)), refused(/built for llama\.cpp v0\.5\.0.*v0\.4\.9/));
  const empty = { ...search, from: join(root, "empty") };
  install(join(root, "empty", "node_modules"), "linux-x64", linuxFiles);
  assert.throws(() => openLibrary(findLibraryFolder(empty)), refused(/does not fit/), "the right name, but no library inside");
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, suite, test } from "node:test";
import { findLibraryFolder } from "../../../runtime/backends/llama/native/folder.ts";
import { layoutFault } from "../../../runtime/backends/llama/native/layout.ts";
import { release } from "../../../runtime/backends/llama/native/llama.generated.ts";
import { openLibrary } from "../../../runtime/backends/llama/native/library.ts";
import { probeInChild } from "../../../runtime/gpu/probe.ts";

const { platform, arch } = process;
const folder = mkdtempSync(join(tmpdir(), "inferno-library-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const installed = findLibraryFolder({ platform, arch, from: import.meta.dirname, home: join(folder, "home"), gpu: "cpu" });

/** A folder with the installed libraries, but for one file whose content is changed. */
function doctored(name: string, changed: string, change: (content: Buffer) => Buffer) {
  const path = join(folder, name, "bins");
  mkdirSync(path, { recursive: true });
  for (const file of readdirSync(installed.path)) {
    if (file !== basename(changed)) symlinkSync(join(installed.path, file), join(path, file));
  }
  writeFileSync(join(path, basename(changed)), change(readFileSync(changed)));
  const moved = (file: string): string => join(path, basename(file));
  return { ...installed, path, files: { llama: moved(installed.files.llama), ggml: moved(installed.files.ggml), ggmlBase: moved(installed.files.ggmlBase) } };
}

suite("a library that is not what its folder says", { skip: platform === "linux" ? false : "the libraries' bytes are Linux's here" }, () => {
  test("another release by its own word is refused", async () => {
    const version = Buffer.from(`${release.slice(1)}-dev\0`);
    const other = Buffer.from("9.9.9-dev\0");
    const result = await probeInChild(doctored("version", installed.files.llama, (content) => {
      const at = content.indexOf(version);
      assert.ok(at > 0 && version.length === other.length, "the library names its release");
      other.copy(content, at);
      return content;
    }));
    assert.ok("failure" in result);
    assert.match(result.failure, /built for llama\.cpp v.*calls itself 9\.9\.9-dev/);
  });

  test("one that is cut short is refused", async () => {
    const result = await probeInChild(doctored("short", installed.files.ggml, (content) => content.subarray(0, 20)));
    assert.ok("failure" in result);
    assert.match(result.failure, /does not fit/);
  });

  test("one that crashes takes only the process that tried it", async () => {
    const result = await probeInChild(doctored("crash", installed.files.llama, (content) => {
      // ELF: e_phoff, e_phentsize, e_phnum; the code segment becomes nonsense.
      const [start, size, count] = [Number(content.readBigUInt64LE(32)), content.readUInt16LE(54), content.readUInt16LE(56)];
      for (let header = start; header < start + size * count; header += size) {
        const isCode = content.readUInt32LE(header) === 1 && (content.readUInt32LE(header + 4) & 1) === 1;
        const [offset, length] = [Number(content.readBigUInt64LE(header + 8)), Number(content.readBigUInt64LE(header + 32))];
        if (isCode) content.fill(0xcc, offset, offset + length);
      }
      return content;
    }));
    assert.ok("failure" in result);
    assert.match(result.failure, /^the process that tried it was ended by signal SIG[A-Z]+/);
  });
});

suite("defaults of the parameter structs", () => {
  const { binding } = openLibrary(installed);

  test("the installed library has those that the binding was made for", () => assert.equal(layoutFault(binding), null));

  test("one that differs is named: a field was added or removed before it", () => {
    const context = { ...binding.llama_context_default_params(), type_v: 0 };
    assert.equal(layoutFault({ ...binding, llama_context_default_params: () => context }), "its default type_v is 0, not 1");
    const model = { ...binding.llama_model_default_params(), use_extra_bufts: false };
    assert.equal(layoutFault({ ...binding, llama_model_default_params: () => model }), "its default use_extra_bufts is false, not true");
    assert.equal(layoutFault({ ...binding, ggml_threadpool_params_init: () => undefined }), "its default n_threads is 0, not 3");
    assert.equal(layoutFault({ ...binding, ggml_tensor_overhead: () => 376 }), "its default size of a tensor is 344, not 336");
    assert.equal(layoutFault({ ...binding, llama_version: () => null }), "it calls itself nothing");
  });
});

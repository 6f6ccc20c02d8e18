import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import type { LibraryFolder } from "../../../../runtime/backends/llama/native/folder.ts";
import type { ProbeResult } from "../../../../runtime/gpu/device.ts";
import { cachedProbe } from "../../../../runtime/gpu/probe-cache.ts";
import { runProbe } from "../../../../runtime/gpu/probe.ts";
import { fakeMachine } from "../doctor/fake-machine.ts";

const home = mkdtempSync(join(tmpdir(), "inferno-probe-"));
after(() => rmSync(home, { recursive: true, force: true }));
const node = (script: string, limitMs = 60_000): Promise<ProbeResult> => runProbe(["-e", script], limitMs);

suite("a process that tries a library", () => {
  test("answers in its last line, whatever the driver prints before", async () => {
    const devices = [{ name: "Vulkan0", description: "Card", freeBytes: 1, totalBytes: 2 }];
    assert.deepEqual(await node(`console.log("MESA: warning"); console.log('${JSON.stringify({ devices })}')`), { devices });
  });

  test("that aborts is an answer, with what it said last", { skip: process.platform === "win32" && "no signals" }, async () => {
    const result = await node(`process.stderr.write("CUDA error: out of memory\\n/lib/x.so(+0x12) [0x7f]\\n"); process.kill(process.pid, "SIGABRT"); setTimeout(() => {}, 5000)`);
    assert.deepEqual(result, { failure: "the process that tried it was ended by signal SIGABRT: CUDA error: out of memory" });
  });

  test("that hangs is ended", async () => {
    const result = await node("setInterval(() => {}, 1000)", 300);
    assert.ok("failure" in result);
    assert.match(result.failure, /SIGKILL \(the limit is 0\.3 s\)/);
  });

  test("that says nothing, or nonsense, has failed", async () => {
    assert.deepEqual(await node(""), { failure: "the process that tried it ended with exit code 0" });
    assert.ok("failure" in await node(`console.log("{}")`));
  });
});

suite("results are remembered", () => {
  const folder: LibraryFolder = {
    name: "linux-x64-cuda", path: "/lib/cuda", release: "v1", fallback: undefined, files: { llama: "/lib/cuda/llama.so", ggml: "", ggmlBase: "" },
  };
  const boot = (id: string) => ({ "/proc/sys/kernel/random/boot_id": id });
  let file = 0;
  const setUp = (result: ProbeResult) => {
    const path = join(home, `${file += 1}.json`);
    let probes = 0;
    const ask = async (options: Parameters<typeof fakeMachine>[0] = {}): Promise<number> => {
      const probe = cachedProbe(async () => (probes += 1, result), path, fakeMachine({ files: boot("a"), ...options }));
      assert.deepEqual(await probe(folder), result);
      return probes;
    };
    return { ask, path };
  };

  test("for the same library, driver and start of the machine", async () => {
    const { ask } = setUp({ devices: [] });
    assert.equal(await ask(), 1);
    assert.equal(await ask(), 1);
    assert.equal(await ask({ files: boot("b") }), 2, "the machine was started anew");
    assert.equal(await ask({ files: { ...boot("b"), "/dev/nvidia0": "" } }), 3, "a card was put in");
    assert.equal(await ask({ files: { ...boot("b"), "/usr/share/vulkan/icd.d/x.json": "" } }), 4, "a driver was installed");
    assert.equal(await ask({ env: { GGML_VK_VISIBLE_DEVICES: "0" } }), 5, "other devices are asked for");
    assert.equal(await ask({ modifiedMs: () => 7 }), 6, "the library was installed anew");
  });

  test("a crash too, but not a probe that ran out of time", async () => {
    const crashed = setUp({ failure: "the process that tried it was ended by signal SIGABRT" });
    await crashed.ask();
    assert.equal(await crashed.ask(), 1);
    const late = setUp({ failure: "the process that tried it was ended by signal SIGKILL (the limit is 60 s)" });
    await late.ask();
    assert.equal(await late.ask(), 2);
  });

  test("a broken file is no obstacle", async () => {
    const { ask, path } = setUp({ devices: [] });
    writeFileSync(path, "{");
    await ask();
    assert.equal(await ask(), 1);
  });
});

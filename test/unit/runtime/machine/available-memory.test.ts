import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { availableMemory, kilobytes, thisMachinesMemory } from "../../../../runtime/machine/available-memory.ts";

const ask = (files: Readonly<Record<string, string>>) => availableMemory({ totalBytes: 8000, availableBytes: 3000, read: (path) => files[path] ?? "" });
const meminfo = { "/proc/meminfo": "MemTotal: 8 kB\nMemAvailable:       5 kB\n" };

describe("available memory", () => {
  it("is the kernel's estimate, or the runtime's where there is none", () => {
    assert.deepEqual(ask(meminfo), { totalBytes: 8000, freeBytes: 5120, limited: false });
    assert.deepEqual(ask({}), { totalBytes: 8000, freeBytes: 3000, limited: false });
  });

  it("obeys the tightest control group of version 2 above the process, whose page cache can be had back", () => {
    const files = {
      ...meminfo, "/proc/self/cgroup": "0::/outer/inner\n",
      "/sys/fs/cgroup/outer/inner/memory.max": "max\n", "/sys/fs/cgroup/outer/inner/memory.current": "100\n",
      "/sys/fs/cgroup/outer/memory.max": "4000\n", "/sys/fs/cgroup/outer/memory.current": "3500\n",
      "/sys/fs/cgroup/outer/memory.stat": "anon 3000\nfile 500\ninactive_file 300\nactive_file 150\n",
    };
    assert.deepEqual(ask(files), { totalBytes: 4000, freeBytes: 950, limited: true });
  });

  it("obeys version 1, whose numbers say no limit by being huge", () => {
    const files = {
      ...meminfo, "/proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/box\n0::/\n",
      "/sys/fs/cgroup/memory/box/memory.limit_in_bytes": "2000\n", "/sys/fs/cgroup/memory/box/memory.usage_in_bytes": "1500\n",
      "/sys/fs/cgroup/memory/box/memory.stat": "inactive_file 1\ntotal_inactive_file 100\ntotal_active_file 50\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "/sys/fs/cgroup/memory/memory.usage_in_bytes": "7000\n",
    };
    assert.deepEqual(ask(files), { totalBytes: 2000, freeBytes: 650, limited: true });
  });

  it("is never negative, and a container that sees only its own root is limited by that", () => {
    const files = { ...meminfo, "/proc/self/cgroup": "0::/host/path\n", "/sys/fs/cgroup/memory.max": "1000", "/sys/fs/cgroup/memory.current": "1200" };
    assert.deepEqual(ask(files), { totalBytes: 1000, freeBytes: 0, limited: true });
  });

  it("of this machine is something", () => {
    const { totalBytes, freeBytes } = thisMachinesMemory();
    assert.ok(freeBytes > 0 && freeBytes <= totalBytes);
    assert.equal(kilobytes("Rss:  12 kB\nAnonymous:   3 kB\n", "Anonymous"), 3072);
  });
});

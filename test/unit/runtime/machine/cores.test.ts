import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { allowedProcessors, cpuQuota, usableCores } from "../../../../runtime/machine/cores.ts";

const reading = (files: Readonly<Record<string, string>>) => (path: string): string => files[path] ?? "";
const siblings = (lists: readonly string[]): Record<string, string> =>
  Object.fromEntries(lists.map((list, index) => [`/sys/devices/system/cpu/cpu${index}/topology/thread_siblings_list`, `${list}\n`]));
const status = (list: string) => ({ "/proc/self/status": `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\n` });
const linux = (files: Record<string, string>, available: number): number =>
  usableCores({ platform: "linux", arch: "x64", available, read: reading(files) });

suite("cores", () => {
  test("on Linux, processors that share a core count once", () => {
    assert.equal(linux(siblings(["0,2", "1,3", "0,2", "1,3"]), 4), 2);
    assert.equal(linux(siblings(["0", "1", "2", "3"]), 2), 2, "no more than the runtime counts");
    assert.equal(linux({}, 3), 3, "a system without /sys");
  });

  test("only those that the affinity mask allows", () => {
    assert.equal(linux({ ...siblings(["0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7"]), ...status("0-1,4-5") }, 4), 2);
    assert.deepEqual(allowedProcessors(reading(status("0-1,4,6-7"))), new Set([0, 1, 4, 6, 7]));
    assert.equal(allowedProcessors(reading({})), null);
  });

  test("elsewhere, x64 is taken to run two threads a core and arm one", () => {
    assert.equal(usableCores({ platform: "win32", arch: "x64", available: 16, read: reading({}) }), 8);
    assert.equal(usableCores({ platform: "darwin", arch: "arm64", available: 10, read: reading({}) }), 10);
  });

  test("a quota counts in whole cores, and one core is the least", () => {
    const cores = siblings(["0", "1", "2", "3"]);
    assert.equal(linux({ ...cores, "/sys/fs/cgroup/cpu.max": "250000 100000\n" }, 4), 2);
    assert.equal(linux({ ...cores, "/sys/fs/cgroup/cpu.max": "30000 100000\n" }, 4), 1);
  });
});

suite("quota", () => {
  test("the tightest of the group and those above it", () => {
    const files = {
      "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/cpu.max": "150000 100000\n", "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
    };
    assert.equal(cpuQuota(reading(files)), 1.5);
  });

  test("version 1, as the container sees it and as the machine does", () => {
    const limit = (folder: string) => ({ [`${folder}/cpu.cfs_quota_us`]: "50000\n", [`${folder}/cpu.cfs_period_us`]: "25000\n" });
    const cgroup = { "/proc/self/cgroup": "3:cpuset:/\n2:cpu,cpuacct:/docker/x\n" };
    assert.equal(cpuQuota(reading({ ...cgroup, ...limit("/sys/fs/cgroup/cpu") })), 2);
    assert.equal(cpuQuota(reading({ ...cgroup, ...limit("/sys/fs/cgroup/cpu,cpuacct/docker/x") })), 2);
  });

  test("none", () => {
    assert.equal(cpuQuota(reading({})), null);
    assert.equal(cpuQuota(reading({ "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n" })), null);
  });
});

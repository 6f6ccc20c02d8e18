import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { anySystemBusyMs, BusyCores, linuxBusyMs } from "../../../../runtime/machine/busy-cores.ts";

const stat = (rows: readonly string[]): string => `cpu  1 2 3 4 5 6 7 8 9 10\n${rows.join("\n")}\nintr 1 2 3\n`;

suite("busy time", () => {
  test("user, nice, system, interrupts and stolen time count; idle and waiting for disks do not", () => {
    const read = (): string => stat(["cpu0 1 2 3 1000 1000 4 5 6 0 0", "cpu1 100 0 0 0 0 0 0 0 0 0"]);
    assert.equal(linuxBusyMs(read, null)(), 10 * (21 + 100));
    assert.equal(linuxBusyMs(read, new Set([1]))(), 1000, "only processors that this process may use");
  });

  test("other systems have it too", () => {
    const first = anySystemBusyMs();
    assert.ok(first > 0 && anySystemBusyMs() >= first);
  });
});

suite("cores that others keep busy", () => {
  const machine = () => {
    const state = { busy: 1000, own: 500, now: 0 };
    const cores = new BusyCores({ busyMs: () => state.busy, ownMs: () => state.own, nowMs: () => state.now });
    const pass = (ms: number, { busy, own }: { busy: number; own: number }): number => {
      state.now += ms;
      state.busy += busy * ms;
      state.own += own * ms;
      cores.sample();
      return cores.others;
    };
    return pass;
  };

  test("are what is busy less what is ours", () => {
    assert.equal(machine()(250, { busy: 3, own: 2 }), 1);
    assert.equal(machine()(250, { busy: 1.9, own: 2 }), 0, "never negative, though the clocks differ");
  });

  test("rise at once and fall slowly", () => {
    const pass = machine();
    assert.equal(pass(250, { busy: 4, own: 0 }), 4);
    assert.equal(pass(250, { busy: 0, own: 0 }), 2);
    assert.equal(pass(250, { busy: 0, own: 0 }), 1);
    assert.equal(pass(250, { busy: 4, own: 0 }), 4);
    assert.equal(pass(1000, { busy: 0, own: 0 }), 0.25, "a long time without a look counts as a long time");
  });

  test("two looks in quick succession are one", () => {
    const pass = machine();
    assert.equal(pass(10, { busy: 4, own: 0 }), 0);
    assert.equal(pass(190, { busy: 4, own: 0 }), 4);
  });
});

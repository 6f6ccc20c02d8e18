import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { DaemonController, type DaemonPorts } from "../../../extension/daemon/controller.ts";
import type { DaemonAddress } from "../../../extension/daemon/state.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { ManualTimer, settled } from "./manual-timer.ts";

const addressOf = (pid: number): DaemonAddress => ({ url: `http://127.0.0.1:${pid}`, token: "t", pid });

/** A machine with at most one daemon, whose processes live and die as the test wants. */
class Machine implements DaemonPorts {
  readonly timer = new ManualTimer();
  readonly alive = new Set<number>();
  record: number | null = null;
  launches = 0;
  /** What goes wrong with the next launches, in order; null is a start that works. */
  readonly failures: (InfernoError | null)[] = [];
  /** While set, a launch does not get ready. */
  hold: Promise<void> | null = null;
  /** A daemon that is told to stop and does not. */
  stubborn = false;

  nowMs(): number {
    return this.timer.nowMs;
  }

  async find(): Promise<DaemonAddress | null> {
    return this.record !== null && this.alive.has(this.record) ? addressOf(this.record) : null;
  }

  async launch(): Promise<DaemonAddress> {
    this.launches += 1;
    const failure = this.failures.shift();
    if (failure) throw failure;
    const pid = 100 + this.launches;
    this.alive.add(pid);
    this.record = pid;
    await this.hold;
    return addressOf(pid);
  }

  async attach(): Promise<void> {}

  async requestStop({ pid }: DaemonAddress): Promise<void> {
    if (!this.stubborn) this.end(pid);
  }

  isAlive(pid: number): boolean {
    return this.alive.has(pid);
  }

  async hasRecord(pid: number): Promise<boolean> {
    return this.record === pid;
  }

  /** As `inferno stop` does. */
  end(pid: number): void {
    this.alive.delete(pid);
    this.record = null;
  }

  crash(): void {
    this.alive.clear();
  }
}

const setup = () => {
  const machine = new Machine();
  const controller = new DaemonController(machine);
  const kinds: string[] = [];
  controller.onState.on(({ kind }) => kinds.push(kind));
  return { machine, controller, kinds };
};
const failure = new InfernoError("daemon_unreachable", "no");

suite("daemon controller", () => {
  test("uses the daemon that runs already", async () => {
    const { machine, controller } = setup();
    machine.alive.add(7);
    machine.record = 7;
    assert.equal((await controller.start()).pid, 7);
    assert.equal(machine.launches, 0);
  });

  test("starts one when none runs, and only one for many who ask", async () => {
    const { machine, controller, kinds } = setup();
    const [a, b] = await Promise.all([controller.start(), controller.start()]);
    assert.equal(a, b);
    assert.equal(await controller.start(), a);
    assert.equal(machine.launches, 1);
    assert.deepEqual(kinds, ["starting", "running"]);
  });

  test("restarts a daemon that crashed, after a pause", async () => {
    const { machine, controller, kinds } = setup();
    await controller.start();
    machine.crash();
    await machine.timer.pass(1000);
    assert.equal(controller.state.kind, "waiting");
    await machine.timer.pass(500);
    assert.equal(controller.address?.pid, 102);
    assert.deepEqual(kinds, ["starting", "running", "waiting", "starting", "running"]);
  });

  test("pauses grow, and in the end it gives up with the reason", async () => {
    const { machine, controller } = setup();
    for (let attempt = 0; attempt < 10; attempt += 1) machine.failures.push(failure);
    const starting = controller.start();
    starting.catch(() => undefined);
    await machine.timer.pass(500 + 1000 + 2000 + 4000 + 8000);
    await assert.rejects(starting, failure);
    assert.equal(machine.launches, 6);
    assert.deepEqual(controller.state, { kind: "failed", error: failure });
    assert.equal(controller.mayStartItself, false);
    assert.equal(machine.timer.pending, 0);
  });

  test("does not repeat what cannot get better", async () => {
    const { machine, controller } = setup();
    machine.failures.push(new InfernoError("home_unwritable", "read-only"));
    await assert.rejects(controller.start(), { code: "home_unwritable" });
    assert.equal(machine.launches, 1);
    assert.equal(controller.state.kind, "failed");
    // A person may try again.
    assert.equal((await controller.start()).pid, 102);
  });

  test("a daemon that keeps crashing at once is given up; one that was healthy is not", async () => {
    const { machine, controller } = setup();
    await controller.start();
    for (let crash = 0; crash < 6; crash += 1) {
      machine.crash();
      await machine.timer.pass(10_000);
    }
    assert.equal(controller.state.kind, "failed");

    await controller.start();
    for (let crash = 0; crash < 20; crash += 1) {
      await machine.timer.pass(60_000);
      machine.crash();
      await machine.timer.pass(10_000);
    }
    assert.equal(controller.state.kind, "running");
  });

  test("a person need not wait for the pause between attempts", async () => {
    const { machine, controller } = setup();
    machine.failures.push(failure, failure);
    const first = controller.start();
    first.catch(() => undefined);
    await machine.timer.pass(600);
    assert.equal(controller.state.kind, "waiting");
    assert.equal((await controller.start()).pid, 103);
    await assert.rejects(first);
  });

  test("stop ends it, and nothing but a person's wish starts it again", async () => {
    const { machine, controller, kinds } = setup();
    const { pid } = await controller.start();
    await controller.stop();
    assert.equal(machine.isAlive(pid), false);
    assert.equal(controller.mayStartItself, false);
    await machine.timer.pass(60_000);
    assert.deepEqual(kinds, ["starting", "running", "stopping", "stopped"]);
    await controller.start();
    assert.equal(controller.mayStartItself, true);
  });

  test("stop during a start ends the daemon that the start reached", async () => {
    const { machine, controller } = setup();
    let release = () => {};
    machine.hold = new Promise((resolve) => (release = resolve));
    const starting = controller.start();
    starting.catch(() => undefined);
    await settled();
    const stopping = controller.stop();
    release();
    await stopping;
    assert.deepEqual([...machine.alive], []);
    assert.equal(controller.state.kind, "stopped");
    await assert.rejects(starting, { code: "daemon_stopping" });
  });

  test("stop during a pause ends the attempts", async () => {
    const { machine, controller } = setup();
    machine.failures.push(failure);
    const starting = controller.start();
    starting.catch(() => undefined);
    await settled();
    await controller.stop();
    await machine.timer.pass(60_000);
    assert.equal(machine.launches, 1);
    assert.equal(controller.state.kind, "stopped");
  });

  test("a daemon that was stopped elsewhere stays stopped", async () => {
    const { machine, controller } = setup();
    const { pid } = await controller.start();
    machine.end(pid);
    await machine.timer.pass(60_000);
    assert.equal(controller.state.kind, "stopped");
    assert.equal(machine.launches, 1);
  });

  test("a daemon that does not end is reported", async () => {
    const { machine, controller } = setup();
    await controller.start();
    machine.stubborn = true;
    const stopping = controller.stop();
    stopping.catch(() => undefined);
    await machine.timer.pass(20_000);
    await assert.rejects(stopping, { code: "daemon_stopping" });
    assert.equal(controller.state.kind, "failed");
  });

  test("restart gives another process", async () => {
    const { machine, controller } = setup();
    const before = await controller.start();
    const after = await controller.restart();
    assert.notEqual(after.pid, before.pid);
    assert.deepEqual([...machine.alive], [after.pid]);
  });

  test("disposing leaves nothing behind that waits", async () => {
    const { machine, controller } = setup();
    await controller.start();
    controller.dispose();
    assert.equal(machine.timer.pending, 0);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import { ModelConfig } from "../../../../protocol/config.ts";
import { memoryChannels } from "../../../../runtime/host/channel.ts";
import type { FromHost, ToHost } from "../../../../runtime/host/messages.ts";
import type { HostProcess } from "../../../../runtime/host/process.ts";
import { backOffMs, HostSupervisor } from "../../../../runtime/host/supervisor.ts";
import { eventually } from "../../../drivers/eventually.ts";
import { memoryHost, type MemoryHost } from "../../../drivers/memory-gateway.ts";
import { plainRequest } from "./harness.ts";

function supervise(source: string, hangMs?: number) {
  const clock = new VirtualClock();
  const hosts: MemoryHost[] = [];
  const crashes: string[] = [];
  const supervisor = new HostSupervisor({
    definition: { name: "m", kind: "fake", engine: "fake", task: "chat", source, origin: "test", config: ModelConfig.parse({ source }) },
    home: "/nowhere", clock, hangMs,
    spawn: () => {
      const host = memoryHost(hosts.length + 1, clock);
      hosts.push(host);
      return host;
    },
    sleep: () => Promise.resolve(),
    onCrash: ({ message }) => crashes.push(message),
  });
  return { supervisor, hosts, clock, crashes };
}

const patient = new AbortController().signal;

describe("a supervised model host", () => {
  it("is started by the first who needs it and shared by all", async () => {
    const { supervisor, hosts } = supervise("fake:echo");
    assert.deepEqual([supervisor.status.state, supervisor.status.pid, supervisor.isReady], ["unloaded", null, false]);
    const sessions = [supervisor.ready(patient), supervisor.ready(patient)];
    assert.equal(supervisor.status.state, "loading");
    const [first, second] = await Promise.all(sessions);
    assert.equal(first, second);
    assert.deepEqual([hosts.length, supervisor.status.state, supervisor.status.pid, supervisor.status.info?.engine], [1, "ready", 1, "fake"]);
    await supervisor.dispose();
  });

  it("tells a download from a load", async () => {
    const [ours, theirs] = memoryChannels<ToHost, FromHost>();
    const process: HostProcess = { pid: 1, channel: ours, ended: new Promise(() => {}), lastLines: () => [], kill: () => {} };
    const config = ModelConfig.parse({ source: "hf:a/b" });
    const supervisor = new HostSupervisor({
      definition: { name: "m", kind: "remote", engine: "llama", task: "chat", source: "hf:a/b", origin: "test", config },
      home: "/nowhere", clock: new VirtualClock(), spawn: () => process, sleep: () => Promise.resolve(),
    });
    const loads: ToHost[] = [];
    theirs.onMessage((message) => loads.push(message));
    void supervisor.ready(patient);
    await eventually("the load message", () => Promise.resolve(loads.length > 0));
    assert.ok(loads[0]?.type === "load" && loads[0].options.path === "hf:a/b" && loads[0].engine === "llama");
    const after = async (message: FromHost) => {
      theirs.send(message);
      await new Promise((resolve) => setImmediate(resolve));
      return [supervisor.status.state, supervisor.status.progress];
    };
    assert.deepEqual(await after({ type: "progress", fraction: 0.5, phase: "download" }), ["downloading", 0.5]);
    assert.deepEqual(await after({ type: "progress", fraction: 0.25 }), ["loading", 0.25]);
  });

  it("whose load the end of the daemon cut short says that, and not that the model is bad", async () => {
    const [ours] = memoryChannels<ToHost, FromHost>();
    const { promise: ended, resolve: end } = Promise.withResolvers<string>();
    const process: HostProcess = { pid: 1, channel: ours, ended, lastLines: () => [], kill: () => end("was ended by signal SIGKILL") };
    const supervisor = new HostSupervisor({
      definition: { name: "m", kind: "file", engine: "llama", task: "chat", source: "/m.gguf", origin: "test", config: ModelConfig.parse({ source: "/m.gguf" }) },
      home: "/nowhere", clock: new VirtualClock(), spawn: () => process, sleep: () => Promise.resolve(),
    });
    const refused = assert.rejects(supervisor.ready(patient), { code: "daemon_stopping" });
    await eventually("the process", () => Promise.resolve(supervisor.status.pid === 1));
    await supervisor.dispose();
    await refused;
  });

  it("whose load fails says why until the next try", async () => {
    const { supervisor, hosts } = supervise("fake:echo?loadError=no+room");
    for (const tries of [1, 2]) {
      await assert.rejects(supervisor.ready(patient), { code: "model_load_failed", message: "no room" });
      const { state, error, pid } = supervisor.status;
      assert.deepEqual([state, error?.code, error?.message, pid, hosts.length], ["failed", "model_load_failed", "no room", null, tries]);
    }
  });

  it("goes on loading when one of those who wait leaves", async () => {
    const { supervisor, hosts } = supervise("fake:echo");
    const abort = new AbortController();
    const reason = new Error("gone");
    const impatient = supervisor.ready(abort.signal);
    const waiting = supervisor.ready(patient);
    abort.abort(reason);
    await assert.rejects(impatient, reason);
    await waiting;
    assert.equal(hosts.length, 1);
    await supervisor.dispose();
  });

  it("is unloaded while it loads: those who wait are told, and the next load is a new one", async () => {
    const { supervisor, hosts } = supervise("fake:echo");
    const told = assert.rejects(supervisor.ready(patient), { code: "model_load_failed", message: /"m" was unloaded while it was loading/ });
    await supervisor.unload();
    await told;
    assert.deepEqual([supervisor.status.state, supervisor.status.error, supervisor.status.pid], ["unloaded", null, null]);
    await supervisor.ready(patient);
    assert.deepEqual([hosts.at(-1)?.pid, supervisor.status.state], [hosts.length, "ready"]);
    await supervisor.unload();
    assert.deepEqual([supervisor.status.state, supervisor.status.pid, supervisor.status.context], ["unloaded", null, null]);
  });

  it("is unloaded also after a request that could not be sent to it", async () => {
    const { supervisor } = supervise("fake:echo");
    const session = await supervisor.ready(patient);
    const tool = { type: "function" as const, function: { name: "f", parameters: { cannotBeCloned: () => 1 } } };
    assert.throws(() => session.generate({ ...plainRequest, id: "a", prompt: { kind: "messages", messages: [], tools: [tool] } }, 0));
    await supervisor.unload();
    assert.equal(supervisor.status.state, "unloaded");
  });

  it("that is silent for too long is killed and started again", async () => {
    const { supervisor, hosts, clock, crashes } = supervise("fake:echo", 40);
    await supervisor.ready(patient);
    clock.advance(41_000);
    await eventually("a second host", () => Promise.resolve(supervisor.status.pid === 2 && supervisor.isReady));
    assert.equal(hosts.length, 2);
    assert.equal(crashes.length, 1);
    await supervisor.dispose();
  });

  it("is not started again after the end", async () => {
    const { supervisor, hosts } = supervise("fake:echo");
    await supervisor.ready(patient);
    await supervisor.dispose();
    await assert.rejects(supervisor.ready(patient), { code: "daemon_stopping" });
    assert.equal(hosts.length, 1);
  });
});

it("waits longer after each crash, up to half a minute", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 8, 9, 50].map(backOffMs), [0, 0, 500, 1000, 2000, 30_000, 30_000, 30_000]);
});

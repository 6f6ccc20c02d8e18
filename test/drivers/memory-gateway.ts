import { VirtualClock } from "../../base/clock.ts";
import { systemTimer } from "../../base/system-timer.ts";
import { Client } from "../../protocol/client/index.ts";
import { Config } from "../../protocol/config.ts";
import { fakeEmbedder } from "../../runtime/backends/fake/fake-embedder.ts";
import { loadFakeTaskOn } from "../../runtime/backends/fake/fake-task-model.ts";
import { loadFakeOn } from "../../runtime/backends/fake/index.ts";
import type { FakeBackend } from "../../runtime/backends/fake/fake-backend.ts";
import { virtualTime, type FakeTime } from "../../runtime/backends/fake/fake-time.ts";
import { ModelRegistry } from "../../runtime/config/registry.ts";
import { memoryChannels, type Channel } from "../../runtime/host/channel.ts";
import type { FromHost, ToHost } from "../../runtime/host/messages.ts";
import type { HostProcess } from "../../runtime/host/process.ts";
import { serveModel } from "../../runtime/host/serve-model.ts";
import { createGateway, type Gateway } from "../../runtime/pipeline.ts";
import { openTraceStore, type TraceStore } from "../../runtime/store/trace-store.ts";

/** Both halves of the pipeline in one process on one virtual clock: real HTTP in front, the fake engine behind, a channel in memory between. */
export interface MemoryGateway {
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly gateway: Gateway;
  /** Reads the configuration anew. */
  configure(models: MemoryGatewayOptions["models"], traces?: object): void;
  /** Pids of the model hosts started so far. */
  readonly hosts: readonly MemoryHost[];
  /** Pauses that back-off asked for, in milliseconds. */
  readonly pauses: readonly number[];
  readonly errors: readonly Error[];
  [Symbol.asyncDispose](): Promise<void>;
}

export interface MemoryHost extends HostProcess {
  /** As SIGKILL: the process is gone between two messages. */
  die(): void;
}

interface MemoryGatewayOptions {
  readonly models: Readonly<Record<string, object>>;
  readonly queue?: number;
  readonly store?: TraceStore;
  readonly within?: Within;
}

/** Looks into the model hosts' side, or has something happen there. */
export interface Within {
  readonly time?: (time: FakeTime) => FakeTime;
  readonly engine?: (engine: FakeBackend) => void;
  /** Just before a message is sent. */
  readonly toHost?: (message: ToHost) => void;
  readonly fromHost?: (message: FromHost) => void;
}

export async function startMemoryGateway({ models, queue = 64, store, within = {} }: MemoryGatewayOptions): Promise<MemoryGateway> {
  const clock = new VirtualClock(1_000_000);
  const hosts: MemoryHost[] = [];
  const pauses: number[] = [];
  const errors: Error[] = [];
  const registry = new ModelRegistry({ packageRoot: "/nowhere", allowFake: true });
  const configure: MemoryGateway["configure"] = (models, traces = {}) => registry.attach({ path: "/nowhere/inferno.yaml", config: Config.parse({ models, traces }) });
  configure(models);
  const gateway = await createGateway({
    clock, home: "/nowhere", registry,
    listen: { host: "127.0.0.1", token: "token" },
    spawn: () => {
      const host = memoryHost(hosts.length + 1, clock, within);
      hosts.push(host);
      return host;
    },
    store: store ?? openTraceStore({ path: ":memory:", keep: 100 }),
    limits: { queue },
    control: { version: "0", pid: 1, stopping: false, uptimeSeconds: () => 0, attach: async () => [], stop: () => {} },
    panels: "/nowhere",
    sse: { heartbeatMs: 60_000, stallMs: 60_000 },
    sleep: async (ms) => void pauses.push(ms),
    watch: { timer: systemTimer, loop: { start: () => {}, stop: () => {}, longestUs: 0, reset: () => {} } },
    onServerError: (error) => errors.push(error),
  });
  const url = await gateway.http.listen({ host: "127.0.0.1", port: 0 });
  return {
    clock, gateway, hosts, pauses, errors, configure,
    client: new Client({ url, token: "token" }),
    [Symbol.asyncDispose]: async () => {
      await gateway.router.dispose();
      gateway.http.server.closeAllConnections();
      await gateway.http.close();
      await gateway.traces.flush();
    },
  };
}

export function memoryHost(pid: number, clock: VirtualClock, { time: timeOf = (it) => it, engine, toHost, fromHost }: Within = {}): MemoryHost {
  const [near, far] = memoryChannels<ToHost, FromHost>();
  const ours = heard(near, toHost);
  const theirs = heard(far, fromHost);
  const time = timeOf(virtualTime(clock));
  const serving = serveModel({
    channel: theirs, clock,
    now: () => new Date(0),
    importEngine: async () => async (options) => {
      const backend = await loadFakeOn(time, options);
      engine?.(backend);
      return backend;
    },
    importEmbedder: async () => async (options) => fakeEmbedder(time, options),
    importTaskEngine: async () => (options) => loadFakeTaskOn(time, options),
    rssBytes: () => 1,
  });
  const { promise: killed, resolve: kill } = Promise.withResolvers<string>();
  const die = (): void => {
    kill("was ended by signal SIGKILL");
    // Frees the timers of the other half; what it still says goes nowhere.
    theirs.close();
  };
  const ended = Promise.race([killed, serving.then(() => "ended with exit code 0")]);
  return { pid, channel: ours, ended, lastLines: () => ["the last line"], kill: die, die };
}

const heard = <Out, In>(channel: Channel<Out, In>, listener: ((message: Out) => void) | undefined): Channel<Out, In> => ({
  ...channel,
  send: (message) => {
    listener?.(message);
    channel.send(message);
  },
});

import { setImmediate as turn } from "node:timers/promises";
import { VirtualClock } from "../../../../base/clock.ts";
import { Emitter } from "../../../../base/emitter.ts";
import { greedyParams, type GenerationParams } from "../../../../protocol/model.ts";
import { fakeEmbedder } from "../../../../runtime/backends/fake/fake-embedder.ts";
import { loadFakeTaskOn } from "../../../../runtime/backends/fake/fake-task-model.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { memoryChannels, type Channel } from "../../../../runtime/host/channel.ts";
import type { FromHost, GenerateRequest, GenerationEvent, HostOptions, SpanRecord, ToHost } from "../../../../runtime/host/messages.ts";
import { serveModel } from "../../../../runtime/host/serve-model.ts";

export const greedy: GenerationParams = { ...greedyParams, seed: 1 };

interface Limits {
  readonly parallel?: number;
  readonly batch?: number;
  readonly context?: number;
  readonly kvCells?: number;
  readonly host?: Partial<HostOptions>;
  readonly draftTokens?: number;
}

/** No prefixes on disk, no guesses, no adapters. */
export const plainHost: HostOptions = {
  prefixCache: { enabled: true, diskBytes: 0 },
  speculation: { mode: "off", draft: null, maxTokens: 16, candidates: 1 },
  adapters: [],
};

export const plainLoad = {
  kvLayout: "auto", kvType: "f16", flashAttention: "auto", gpu: "cpu", gpuLayers: 0, draftTokens: 0, candidates: 1, adapters: [], checkMemory: false,
} as const;

/** A request that asks for nothing special. */
export const plainRequest: GenerateRequest = {
  id: "", prompt: { kind: "text", text: "one two three" }, params: greedy, maxTokens: null, stop: [], choices: 1, priority: 0, timeoutMs: null,
  output: { kind: "text" }, toolChoice: "auto", parallelToolCalls: true, adapters: [], overflow: "error", cachePrompt: true, speculate: true,
};

type Ask = Partial<Omit<GenerateRequest, "id">>;

/** The gateway's side of a whole model host with a fake model, over the in-memory channel and on a virtual clock. */
export class Host {
  readonly clock = new VirtualClock(1_000_000);
  /** Everything the host said, in order. */
  readonly said: FromHost[] = [];
  readonly channel: Channel<ToHost, FromHost>;
  readonly closed: Promise<void>;
  readonly #heard = new Emitter<FromHost>();

  constructor() {
    const [gateway, host] = memoryChannels<ToHost, FromHost>();
    this.channel = gateway;
    gateway.onMessage((message) => {
      this.said.push(message);
      this.#heard.emit(message);
    });
    this.closed = serveModel({
      channel: host,
      clock: this.clock,
      now: () => new Date(0),
      importEngine: async () => (options) => loadFakeOn(virtualTime(this.clock), options),
      importEmbedder: async () => async (options) => fakeEmbedder(virtualTime(this.clock), options),
      importTaskEngine: async () => (options) => loadFakeTaskOn(virtualTime(this.clock), options),
      rssBytes: () => 123,
    });
  }

  load(path: string, { parallel = 4, batch = 64, context, kvCells, host, draftTokens = 0 }: Limits = {}): void {
    this.channel.send({
      type: "load", engine: "fake", home: "", host: { ...plainHost, ...host },
      options: { ...plainLoad, path, parallel, batch, context, kvCells, draftTokens },
    });
  }

  static async loaded(path: string, limits?: Limits): Promise<Host> {
    const host = new Host();
    host.load(path, limits);
    await host.until(() => host.said.some((message) => message.type === "ready"));
    return host;
  }

  send(id: string, ask: Ask = {}): void {
    const request: GenerateRequest = { ...plainRequest, id, ...ask };
    this.channel.send({ type: "generate", request, sentUs: this.clock.nowUs() });
  }

  /** Sends a request and waits for its last event. */
  async answer(id: string, ask: Ask = {}): Promise<Answered> {
    this.send(id, ask);
    return await this.answered(id);
  }

  async answered(id: string): Promise<Answered> {
    await this.until(() => isLast(this.events(id).at(-1)));
    const events = this.events(id);
    return { events, last: events.at(-1)!, text: textOf(events), spans: events.flatMap((event) => event.spans) };
  }

  events(id: string): GenerationEvent[] {
    return this.said.flatMap((message) => (message.type === "events" ? message.events.flatMap(([of, event]) => (of === id ? [event] : [])) : []));
  }

  /** Calls back for every event of this request, as soon as the gateway has it. */
  onEvent(id: string, listener: (event: GenerationEvent) => void): void {
    this.#heard.on((message) => {
      if (message.type !== "events") return;
      for (const [of, event] of message.events) if (of === id) listener(event);
    });
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await turn();
  }

  /** Lets the host run on for some steps. */
  async turns(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await turn();
  }

  close(): void {
    this.channel.close();
  }
}

interface Answered {
  readonly events: readonly GenerationEvent[];
  readonly last: GenerationEvent;
  readonly text: string;
  readonly spans: readonly SpanRecord[];
}

export const textOf = (events: readonly GenerationEvent[]): string => events.map((event) => (event.type === "text" ? event.text : "")).join("");
const isLast = (event: GenerationEvent | undefined): boolean => event?.type === "end" || event?.type === "failed";

/** Runs a test with a loaded host, and closes it: its pulse would keep the test file alive. */
export async function withHost(path: string, limits: Limits, body: (host: Host) => Promise<void>): Promise<void> {
  const host = await Host.loaded(path, limits);
  try {
    await body(host);
  } finally {
    host.close();
    await host.closed;
  }
}

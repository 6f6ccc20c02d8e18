import { join } from "node:path";
import type { Backend } from "../backends/backend.ts";
import { admission } from "../scheduler/admission.ts";
import { batching } from "../scheduler/batching.ts";
import { oneAtATime } from "../scheduler/one-at-a-time.ts";
import { victim } from "../scheduler/victim.ts";
import { homePaths } from "../home/home.ts";
import { DebugCalls } from "./debug/debug-calls.ts";
import { EmbeddingHost } from "./embedding-host.ts";
import type { FromHost, HostOptions, ToHost } from "./messages.ts";
import { ModelHost } from "./model-host.ts";
import { loadTask } from "./load-task.ts";
import type { ServeModelOptions } from "./serve-model.ts";
import { servingEmbedding, servingGeneration, type Serving } from "./serving.ts";
import { createSpeculation } from "./speculation.ts";
import { withDraft } from "./with-draft.ts";
import { SpillFolder } from "./spill-folder.ts";
import { folderName, stateBinding } from "./state-binding.ts";
import { StateCalls } from "./state-calls.ts";
import { TextCalls } from "./text-calls.ts";

export interface Loaded {
  readonly host: Serving;
  dispose(): Promise<void>;
}

/** A model and its loop, before the gateway knows of it. */
export interface Unserved {
  readonly host: Serving;
  readonly ready: Omit<Extract<FromHost, { type: "ready" }>, "type" | "loadUs">;
  dispose(): void | Promise<void>;
}

type Load = Extract<ToHost, { type: "load" }>;
export type OnProgress = (fraction: number, phase?: "download") => void;

const pulseMs = 1000;

/** Loads the model with its engine, says so on the channel, and puts the loop together that serves it. */
export async function loadModel(options: ServeModelOptions, message: Load | Extract<ToHost, { type: "loadTask" }>): Promise<Loaded> {
  const { channel, clock, rssBytes } = options;
  const startUs = clock.nowUs();
  let percent = -1;
  const onProgress: OnProgress = (fraction, phase) => {
    // Engines report every tensor, hundreds of them.
    if (Math.floor(fraction * 100) === percent) return;
    percent = Math.floor(fraction * 100);
    channel.send({ type: "progress", fraction, ...(phase && { phase }) });
  };
  const loaded = message.type === "load" ? await loadText(options, message, onProgress) : await loadTask(options, message, onProgress);
  const { host } = loaded;
  channel.send({ type: "ready", ...loaded.ready, loadUs: clock.nowUs() - startUs });
  const pulse = setInterval(() => channel.send({ type: "pulse", rssBytes: rssBytes(), running: host.running }), pulseMs);
  // The channel keeps the process alive, nothing else should.
  pulse.unref();
  return {
    host,
    dispose: async () => {
      clearInterval(pulse);
      // Nothing may step a sequence of an engine that is gone.
      host.cancelAll();
      await loaded.dispose();
    },
  };
}

async function loadText(options: ServeModelOptions, message: Load, onProgress: OnProgress): Promise<Unserved> {
  const { embedding } = message.host;
  return embedding ? await loadEmbedding(options, message, embedding, onProgress) : await loadGeneration(options, message, onProgress);
}

async function loadGeneration(options: ServeModelOptions, message: Load, onProgress: OnProgress): Promise<Unserved> {
  const { channel, clock, now } = options;
  const send = (sent: FromHost): void => channel.send(sent);
  const loadBackend = await options.importEngine(message.engine, { clock, home: message.home });
  const backend: Backend = await loadBackend({ ...message.options, onProgress });
  const { prefixCache, speculation: guessing, adapters } = message.host;
  const speculation = await createSpeculation(guessing, backend, message.options, loadBackend);
  const binding = stateBinding(backend.model, message.options);
  const spill = prefixCache.enabled && prefixCache.diskBytes > 0
    ? new SpillFolder({ folder: join(homePaths(message.home).prefixes, folderName(message.options)), limitBytes: prefixCache.diskBytes, binding, now })
    : null;
  const host = new ModelHost({
    backend, clock, now, speculation, adapters, cachePrefixes: prefixCache.enabled, spill,
    policies: { batch: backend.capacity.deterministic ? oneAtATime : batching, admission, victim },
    send,
  });
  const states = new StateCalls({ pool: host.pool, prepare: (request) => host.tokensOf(request), binding, now });
  const { model, capacity: { context, parallel } } = backend;
  return {
    host: servingGeneration(host, { states, debug: new DebugCalls({ host, backend, clock, send }) }, { texts: new TextCalls(backend, now), clock, send }),
    ready: { model, context, parallel, memory: withDraft(backend.memoryUse, speculation.memoryUse) },
    dispose: () => {
      // A model that is unloaded finds them again.
      if (spill !== null) host.pool.dropAll();
      speculation.dispose();
      host.debugger.dispose();
      backend.dispose();
    },
  };
}

async function loadEmbedding(
  options: ServeModelOptions, message: Load, embedding: NonNullable<HostOptions["embedding"]>, onProgress: OnProgress,
): Promise<Unserved> {
  const { channel, clock, now } = options;
  const send = (sent: FromHost): void => channel.send(sent);
  const load = await options.importEmbedder(message.engine, { clock, home: message.home });
  const embedder = await load({ ...message.options, ...embedding, onProgress });
  const { model, limits: { context }, memoryUse: memory } = embedder;
  return {
    host: servingEmbedding(new EmbeddingHost({ embedder, rank: embedding.rank, clock, send }), { texts: new TextCalls(embedder, now), clock, send }),
    ready: { model, context, parallel: message.options.parallel, memory },
    dispose: () => embedder.dispose(),
  };
}

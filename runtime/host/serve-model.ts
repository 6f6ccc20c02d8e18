import { unreachable } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Backend, ForecastMemory, LoadBackend } from "../backends/backend.ts";
import { admission } from "../scheduler/admission.ts";
import { batching } from "../scheduler/batching.ts";
import { victim } from "../scheduler/victim.ts";
import type { Channel } from "./channel.ts";
import type { EngineEnvironment } from "./engines.ts";
import type { EngineName, FromHost, ToHost } from "./messages.ts";
import { ModelHost } from "./model-host.ts";
import { createSpeculation } from "./speculation.ts";

export interface ServeModelOptions {
  readonly channel: Channel<FromHost, ToHost>;
  readonly clock: Clock;
  /** The calendar time, for chat templates. */
  readonly now: () => Date;
  readonly importEngine: (engine: EngineName, environment: EngineEnvironment) => Promise<LoadBackend>;
  /** Answers `forecast`; without it such a message fails. */
  readonly importForecast?: ((engine: EngineName, environment: EngineEnvironment) => Promise<ForecastMemory>) | undefined;
  readonly rssBytes: () => number;
}

const pulseMs = 1000;

/**
 * The life of a model host on its channel: load, generate, shut down. `shutdown` lets the requests in work end, a second one cancels them;
 * then the channel closes. The returned promise resolves when it is closed and the model is freed, whoever closed it.
 */
export function serveModel(options: ServeModelOptions): Promise<void> {
  const { channel } = options;
  let loaded: Loaded | undefined;
  let stopping = false;

  const load = async (message: Extract<ToHost, { type: "load" }>): Promise<void> => {
    try {
      const model = await loadModel(options, message);
      if (stopping) model.dispose();
      else loaded = model;
    } catch (error) {
      channel.send({ type: "loadFailed", error: InfernoError.from(error).toBody() });
      channel.close();
    }
  };

  const forecast = async ({ engine, home, options: asked }: Extract<ToHost, { type: "forecast" }>): Promise<void> => {
    try {
      if (options.importForecast === undefined) throw new InfernoError("engine_unsupported", "This host makes no forecasts.");
      const ask = await options.importForecast(engine, { clock: options.clock, home });
      channel.send({ type: "forecast", forecast: await ask(asked) });
    } catch (error) {
      channel.send({ type: "loadFailed", error: InfernoError.from(error).toBody() });
    }
    channel.close();
  };

  const shutDown = (): void => {
    if (stopping) loaded?.host.cancelAll();
    stopping = true;
    if (loaded) void loaded.host.idle().then(() => channel.close());
    else channel.close();
  };

  channel.onMessage((message) => {
    switch (message.type) {
      case "load":
        void load(message);
        break;
      case "forecast":
        void forecast(message);
        break;
      case "generate":
        if (loaded && !stopping) loaded.host.generate(message.request, message.sentUs);
        else channel.send(refusal(message.request.id, stopping, options.clock));
        break;
      case "cancel":
        loaded?.host.cancel(message.id);
        break;
      case "pause":
        loaded?.host.pause(message.id);
        break;
      case "resume":
        loaded?.host.resume(message.id);
        break;
      case "shutdown":
        shutDown();
        break;
      default:
        unreachable(message);
    }
  });
  return new Promise((resolve) => {
    channel.onClose(() => {
      stopping = true;
      loaded?.dispose();
      resolve();
    });
  });
}

interface Loaded {
  readonly host: ModelHost;
  dispose(): void;
}

async function loadModel(options: ServeModelOptions, message: Extract<ToHost, { type: "load" }>): Promise<Loaded> {
  const { channel, clock, now, rssBytes } = options;
  const startUs = clock.nowUs();
  const loadBackend = await options.importEngine(message.engine, { clock, home: message.home });
  let percent = -1;
  const onProgress = (fraction: number, phase?: "download"): void => {
    // Engines report every tensor, hundreds of them.
    if (Math.floor(fraction * 100) === percent) return;
    percent = Math.floor(fraction * 100);
    channel.send({ type: "progress", fraction, ...(phase && { phase }) });
  };
  const backend: Backend = await loadBackend({ ...message.options, onProgress });
  const { prefixCache, speculation: guessing, adapters } = message.host;
  const speculation = await createSpeculation(guessing, backend, message.options, loadBackend);
  const host = new ModelHost({
    backend, clock, now, speculation, adapters, cachePrefixes: prefixCache.enabled,
    policies: { batch: batching, admission, victim },
    send: (sent) => channel.send(sent),
  });
  const { model, capacity: { context, parallel } } = backend;
  channel.send({ type: "ready", model, context, parallel, memory: backend.memoryUse, loadUs: clock.nowUs() - startUs });
  const pulse = setInterval(() => channel.send({ type: "pulse", rssBytes: rssBytes(), running: host.running }), pulseMs);
  // The channel keeps the process alive, nothing else should.
  pulse.unref();
  return {
    host,
    dispose: () => {
      clearInterval(pulse);
      // Nothing may step a sequence of an engine that is gone.
      host.cancelAll();
      speculation.dispose();
      backend.dispose();
    },
  };
}

/** A correct gateway asks for nothing before `ready` and after `shutdown`; the second can be on its way when it says so. */
function refusal(id: string, stopping: boolean, clock: Clock): FromHost {
  const error = stopping
    ? new InfernoError("daemon_stopping", "The model is being unloaded.")
    : new InfernoError("internal", "A request reached the model host before its model was loaded.");
  return { type: "events", events: [[id, { type: "failed", error: error.toBody(), endUs: clock.nowUs(), spans: [] }]] };
}

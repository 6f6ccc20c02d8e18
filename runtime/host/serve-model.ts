import { unreachable } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { LoadBackend, MemoryForecast } from "../backends/backend.ts";
import type { LoadEmbedder } from "../backends/embedder.ts";
import type { LoadTask } from "../backends/task-model.ts";
import type { InspectFile } from "../onnx-file/inspect.ts";
import type { Channel } from "./channel.ts";
import type { EngineEnvironment } from "./engines.ts";
import { loadModel, type Loaded } from "./load-model.ts";
import type { FromHost, TaskEngine, TextEngine, ToHost } from "./messages.ts";

type Load = Extract<ToHost, { type: "load" | "loadTask" }>;

export interface ServeModelOptions {
  readonly channel: Channel<FromHost, ToHost>;
  readonly clock: Clock;
  /** The calendar time, for chat templates. */
  readonly now: () => Date;
  readonly importEngine: (engine: TextEngine, environment: EngineEnvironment) => Promise<LoadBackend>;
  readonly importEmbedder: (engine: TextEngine, environment: EngineEnvironment) => Promise<LoadEmbedder>;
  readonly importTaskEngine: (engine: TaskEngine, environment: EngineEnvironment) => Promise<LoadTask>;
  /** Answers `forecast`; without it such a message fails. */
  readonly forecastLoad?: ((load: Load, environment: EngineEnvironment) => Promise<MemoryForecast>) | undefined;
  /** Answers `inspect`; without it such a message fails. */
  readonly importInspector?: (() => Promise<InspectFile>) | undefined;
  readonly rssBytes: () => number;
  /** Called once the gateway knows that the model is loaded. */
  readonly onLoaded?: (() => void) | undefined;
}

/**
 * The life of a model host on its channel: load, generate, shut down. `shutdown` lets the requests in work end, a second one cancels them;
 * then the channel closes. The returned promise resolves when it is closed and the model is freed, whoever closed it.
 */
export function serveModel(options: ServeModelOptions): Promise<void> {
  const { channel } = options;
  let loaded: Loaded | undefined;
  let stopping = false;

  const load = async (message: Load): Promise<void> => {
    try {
      const model = await loadModel(options, message);
      if (stopping) await model.dispose();
      else loaded = model;
      options.onLoaded?.();
    } catch (error) {
      channel.send({ type: "loadFailed", error: InfernoError.from(error).toBody() });
      channel.close();
    }
  };

  /** A question about a file, which ends the process with its answer. */
  const answerOnce = async (answer: () => Promise<FromHost>): Promise<void> => {
    try {
      channel.send(await answer());
    } catch (error) {
      channel.send({ type: "loadFailed", error: InfernoError.from(error).toBody() });
    }
    channel.close();
  };

  const forecast = async ({ load: asked }: Extract<ToHost, { type: "forecast" }>): Promise<FromHost> => {
    if (options.forecastLoad === undefined) throw new InfernoError("engine_unsupported", "This host makes no forecasts.");
    return { type: "forecast", forecast: await options.forecastLoad(asked, { clock: options.clock, home: asked.home }) };
  };

  const inspect = async ({ path, target }: Extract<ToHost, { type: "inspect" }>): Promise<FromHost> => {
    if (options.importInspector === undefined) throw new InfernoError("engine_unsupported", "This host inspects no graphs.");
    const ask = await options.importInspector();
    return { type: "inspected", ...(await ask(path, target)) };
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
      case "loadTask":
        void load(message);
        break;
      case "forecast":
        void answerOnce(async () => await forecast(message));
        break;
      case "inspect":
        void answerOnce(async () => await inspect(message));
        break;
      case "generate":
        if (loaded && !stopping) loaded.host.generate(message.request, message.sentUs);
        else channel.send(refusal(message.request.id, stopping, options.clock));
        break;
      case "call":
        if (loaded && !stopping) loaded.host.call(message.id, message.call, message.sentUs, message.suspect);
        else channel.send(refusedCall(message.id, stopping, options.clock));
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
      void (loaded?.dispose() ?? Promise.resolve()).finally(resolve);
    });
  });
}

/** A correct gateway asks for nothing before `ready` and after `shutdown`; the second can be on its way when it says so. */
function refusal(id: string, stopping: boolean, clock: Clock): FromHost {
  return { type: "events", events: [[id, { type: "failed", error: notNow(stopping).toBody(), endUs: clock.nowUs(), spans: [] }]] };
}

function refusedCall(id: string, stopping: boolean, clock: Clock): FromHost {
  return { type: "answer", id, outcome: { ok: false, error: notNow(stopping).toBody() }, endUs: clock.nowUs(), spans: [] };
}

const notNow = (stopping: boolean): InfernoError => (stopping
  ? new InfernoError("daemon_stopping", "The model is being unloaded.")
  : new InfernoError("internal", "A request reached the model host before its model was loaded."));

import { packageRoot } from "../../base/package-root.ts";
import { systemClock } from "../../base/system-clock.ts";
import { Config } from "../../protocol/config.ts";
import { ModelRegistry } from "../../runtime/config/registry.ts";
import type { HostCalls } from "../../runtime/host/messages.ts";
import { hostSpawner } from "../../runtime/host/process.ts";
import { HostSupervisor } from "../../runtime/host/supervisor.ts";
import { RequestQueue } from "../../runtime/queue/queue.ts";
import { ModelRuntime } from "../../runtime/routing/model-runtime.ts";
import { TraceRecorder } from "../../runtime/trace/recorder.ts";

/** One model in a real process of its own, as the gateway has it: registry, queue and supervisor, but no HTTP. */
export interface ModelProcess {
  readonly model: ModelRuntime;
  /** Codes of the errors with which its processes ended. */
  readonly crashes: readonly string[];
  work<K extends "embed" | "rerank" | "infer">(id: string, kind: K, asked: HostCalls[K]["asked"], signal?: AbortSignal): Promise<HostCalls[K]["answered"]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** `settings` as under `models:` in inferno.yaml. */
export function startModelProcess(home: string, settings: object): ModelProcess {
  const root = packageRoot(import.meta.dirname);
  const registry = new ModelRegistry({ packageRoot: root, allowFake: true });
  registry.attach({ path: `${home}/inferno.yaml`, config: Config.parse({ models: { m: settings } }) });
  const definition = registry.get("m");
  const crashes: string[] = [];
  const queue = new RequestQueue({ model: "m", limit: 64, places: 8, clock: systemClock });
  const host = new HostSupervisor({
    definition, home, clock: systemClock, sleep: () => Promise.resolve(),
    spawn: hostSpawner(root, () => undefined),
    onLoaded: ({ parallel }) => queue.resize(parallel),
    onCrash: ({ code }) => crashes.push(code),
  });
  const model = new ModelRuntime(definition, queue, host);
  return {
    model, crashes,
    work: (id, kind, asked, signal = new AbortController().signal) => {
      const trace = new TraceRecorder({ id, model: "m", route: "/test", startedAt: "", startUs: systemClock.nowUs(), clock: systemClock, text: false, tokens: false });
      return model.work(kind, asked, trace, signal);
    },
    [Symbol.asyncDispose]: () => host.dispose(),
  };
}

import type { Clock } from "../base/clock.ts";
import type { Timer } from "../base/timer.ts";
import { InfernoError } from "../protocol/errors.ts";
import { Access } from "./access/access.ts";
import type { ModelDefinition, ModelRegistry } from "./config/registry.ts";
import { DebugSessions } from "./debug/sessions.ts";
import type { SpawnHost } from "./host/process.ts";
import { StateFolder } from "./host/state-folder.ts";
import { HostSupervisor } from "./host/supervisor.ts";
import { homePaths } from "./home/home.ts";
import { Metrics } from "./http/metrics.ts";
import type { DaemonControl } from "./http/routes/daemon.ts";
import { createHttpServer, type HttpServer } from "./http/server.ts";
import type { SseOptions } from "./http/sse.ts";
import { RequestQueue } from "./queue/queue.ts";
import { IdleUnload } from "./routing/idle-unload.ts";
import { ModelRuntime } from "./routing/model-runtime.ts";
import { Router } from "./routing/router.ts";
import type { TraceStore } from "./store/trace-store.ts";
import { TraceLog } from "./trace/log.ts";
import type { LoopDelay } from "./trace/vitals.ts";

export interface GatewayDeps {
  readonly clock: Clock;
  readonly home: string;
  readonly listen: { readonly host: string; readonly token: string };
  readonly registry: ModelRegistry;
  readonly spawn: SpawnHost;
  readonly store: TraceStore;
  readonly limits: { readonly queue: number };
  readonly control: DaemonControl;
  readonly panels: string;
  readonly sse: Omit<SseOptions, "headers">;
  readonly sleep: (ms: number) => Promise<void>;
  /** For looks at what goes on around requests. */
  readonly watch: { readonly timer: Timer; readonly loop: LoopDelay };
  readonly onServerError: (error: InfernoError) => void;
}

export interface Gateway {
  readonly http: HttpServer;
  readonly router: Router;
  readonly traces: TraceLog;
  readonly debug: DebugSessions;
}

/**
 * The gateway process, in the order in which a request passes: HTTP → access → router → queue → model host, and its trace → store.
 * The other half, inside the model host's process, is put together in host/load-model.ts:
 * template → tokens → scheduler → backend → token stream.
 */
export async function createGateway(deps: GatewayDeps): Promise<Gateway> {
  const { clock, home, registry, spawn, store, limits, control, panels, sse, sleep, watch, onServerError } = deps;
  const metrics = new Metrics();
  const traces = new TraceLog({ store, onStoreError: onServerError, ...watch });
  const access = new Access(deps.listen);

  const records = () => ({ text: registry.recordsText, tokens: registry.recordsTokens });
  const debug = new DebugSessions({ clock, traces, records, sleep });

  const createModel = (definition: ModelDefinition): ModelRuntime => {
    const { name, config } = definition;
    const queue = new RequestQueue({ model: name, limit: limits.queue, places: config.parallel, clock });
    const host = new HostSupervisor({
      definition, home, spawn, clock, sleep,
      onLoaded: ({ parallel }) => {
        queue.resize(parallel);
        idle?.used();
      },
      onStep: (step) => {
        metrics.stepped(name, step);
        runtime.stepped(step);
      },
      onRun: (run) => metrics.ran(name, run),
      onCrash: (error) => {
        metrics.hostCrashed(name);
        onServerError(error);
      },
    });
    const runtime = new ModelRuntime(definition, queue, host, {
      onIdle: () => idle?.used(),
      // A request that stands would be waited for without end.
      beforeUnload: async () => await debug.endAll(name),
    });
    const idle = config.idle_ttl === undefined
      ? null
      : new IdleUnload({
        ttlMs: config.idle_ttl * 1000, clock, sleep, isBusy: () => runtime.busy,
        // What failed or is gone already keeps its state, and the reason that people see.
        unload: async () => (host.isReady ? await runtime.unload() : undefined),
        onError: (error) => onServerError(InfernoError.from(error)),
      });
    return runtime;
  };
  const router = new Router({ registry, create: createModel, onError: (error) => onServerError(InfernoError.from(error)) });
  metrics.watch(router);

  const http = await createHttpServer({
    clock, access, router, traces, metrics, control, panels, sse, onServerError, records, debug,
    states: new StateFolder(homePaths(home).states),
  });
  return { http, router, traces, debug };
}

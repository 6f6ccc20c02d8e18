import { startDaemon } from "../daemon.ts";
import { firstToken } from "./ready.ts";
import type { Side, StartSide } from "./side.ts";

/** Our daemon, with the model as its only one. `common` is set in every scenario; `traces` as in inferno.yaml. */
export function ourSide(common: Readonly<Record<string, unknown>>, traces: object = { text: false }): StartSide {
  return async ({ model, parallel, context, settings }): Promise<Side> => {
    const startedAt = performance.now();
    const bench = { source: model, parallel, context, ...common, ...settings };
    // JSON is YAML.
    const daemon = await startDaemon(JSON.stringify({ models: { bench }, server: { queue: 256 }, traces }));
    const target = { url: daemon.client.url, token: daemon.token, model: "bench" };
    try {
      await firstToken(target, new Promise<never>(() => undefined));
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return { target, startMs: performance.now() - startedAt, pids: daemon.pids, stop: daemon.stop };
  };
}

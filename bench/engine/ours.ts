import { startDaemon } from "../daemon.ts";
import { firstToken } from "./ready.ts";
import type { Side, StartSide } from "./side.ts";

/** Lines of a model's configuration beyond what a scenario needs, such as `kv_layout: unified`. */
export type Settings = Readonly<Record<string, unknown>>;

/** Our daemon, with the model as its only one. */
export function ourSide(settings: Settings): StartSide {
  return async ({ model, parallel, context }): Promise<Side> => {
    const startedAt = performance.now();
    const bench = { source: model, parallel, context, ...settings };
    // JSON is YAML.
    const daemon = await startDaemon(JSON.stringify({ models: { bench }, server: { queue: 256 }, traces: { text: false } }));
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

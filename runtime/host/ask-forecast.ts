import type { MemoryForecast } from "../backends/backend.ts";
import { askHost } from "./ask-host.ts";
import type { ToHost } from "./messages.ts";
import type { SpawnHost } from "./process.ts";

/** Whether a model would fit; `signal` ends the wait. */
export async function askForecast(spawn: SpawnHost, question: Extract<ToHost, { type: "forecast" }>, signal: AbortSignal): Promise<MemoryForecast> {
  return (await askHost(spawn, question, "forecast", question.load.options.path, signal)).forecast;
}

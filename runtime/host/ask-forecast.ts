import { InfernoError } from "../../protocol/errors.ts";
import type { MemoryForecast } from "../backends/backend.ts";
import type { ToHost } from "./messages.ts";
import type { SpawnHost } from "./process.ts";

/**
 * Asks in a process of its own: a file that lies about itself may end llama.cpp, or keep it busy for ever, but not whoever asks.
 * `signal` ends the wait.
 */
export async function askForecast(spawn: SpawnHost, question: Extract<ToHost, { type: "forecast" }>, signal: AbortSignal): Promise<MemoryForecast> {
  signal.throwIfAborted();
  const host = spawn();
  try {
    return await new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      host.channel.onMessage((message) => {
        if (message.type === "forecast") resolve(message.forecast);
        if (message.type === "loadFailed") reject(InfernoError.fromBody(message.error));
      });
      void host.ended.then((how) => {
        const { path } = question.options;
        reject(new InfernoError("model_load_failed", `The process that looked at ${path} ${how}: ${host.lastLines().at(-1) ?? "it said nothing"}.`));
      });
      host.channel.send(question);
    });
  } finally {
    host.kill();
  }
}

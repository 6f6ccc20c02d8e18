import { InfernoError } from "../../protocol/errors.ts";
import type { FromHost, ToHost } from "./messages.ts";
import type { SpawnHost } from "./process.ts";

/**
 * Asks in a process of its own: a file that lies about itself may end the engine's library, or keep it busy for ever, but not whoever asks.
 * `signal` ends the wait.
 */
export async function askHost<Type extends FromHost["type"]>(spawn: SpawnHost, question: ToHost, type: Type, path: string, signal: AbortSignal): Promise<Extract<FromHost, { type: Type }>> {
  signal.throwIfAborted();
  const host = spawn();
  const isAnswer = (message: FromHost): message is Extract<FromHost, { type: Type }> => message.type === type;
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  const onAbort = (): void => stop(signal.reason);
  // Whoever asks may ask often with one signal.
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const answered = new Promise<Extract<FromHost, { type: Type }>>((resolve, reject) => {
      host.channel.onMessage((message) => {
        if (isAnswer(message)) resolve(message);
        else if (message.type === "loadFailed") reject(InfernoError.fromBody(message.error));
      });
      void host.ended.then((how) => {
        reject(new InfernoError("model_load_failed", `The process that looked at ${path} ${how}: ${host.lastLines().at(-1) ?? "it said nothing"}.`));
      });
      host.channel.send(question);
    });
    return await Promise.race([answered, stopped]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    host.kill();
  }
}

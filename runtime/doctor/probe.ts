import type { Clock } from "../../base/clock.ts";
import { ModelConfig } from "../../protocol/config.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { greedyParams, type ModelInfo } from "../../protocol/model.ts";
import { loadMessage } from "../host/load-message.ts";
import type { FromHost, GenerateRequest, ToHost } from "../host/messages.ts";
import type { HostProcess, SpawnHost } from "../host/process.ts";

export interface ProbeOptions {
  readonly spawn: SpawnHost;
  readonly home: string;
  /** Absolute path of a model file. */
  readonly path: string;
  readonly clock: Clock;
  /** The whole probe, from start to token. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Called while the process still lives. */
  readonly onReady?: ((pid: number | null) => void) | undefined;
}

export interface ProbeReport {
  readonly model: ModelInfo;
  readonly loadUs: number;
  /** From the request to its end: one prompt, one token. */
  readonly answerUs: number;
}

/** Small, on one thread and on the CPU: what is shown is that inference works at all. */
const load = (source: string, home: string): ToHost => loadMessage({
  kind: "file", engine: "llama", task: "chat", name: "probe", source, origin: "doctor",
  config: ModelConfig.parse({ source, context: 256, parallel: 1, batch: 64, threads: 1, gpu_layers: 0 }),
}, home);
const oneToken: GenerateRequest = {
  id: "probe", maxTokens: 1, stop: [], choices: 1, priority: 0, timeoutMs: null, output: { kind: "text" }, toolChoice: "none",
  parallelToolCalls: false, adapters: [], overflow: "error", cachePrompt: false, speculate: false,
  prompt: { kind: "messages", messages: [{ role: "user", content: "What is 1 + 1?" }], tools: [] },
  params: greedyParams,
};

/** Starts a real model process, loads a model and generates one token: nothing short of that shows that inference works here. */
export async function probeModel(options: ProbeOptions): Promise<ProbeReport> {
  const { clock, limitMs, path, home } = options;
  const host = options.spawn();
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(limitMs)]);
  try {
    const loaded = await reply(host, load(path, home), limit, (message) => {
      if (message.type === "loadFailed") throw InfernoError.fromBody(message.error);
      return message.type === "ready" ? message : null;
    });
    options.onReady?.(host.pid);
    const startUs = clock.nowUs();
    await reply(host, { type: "generate", request: oneToken, sentUs: startUs }, limit, (message) => {
      for (const [, event] of message.type === "events" ? message.events : []) {
        if (event.type === "failed") throw InfernoError.fromBody(event.error);
        if (event.type === "end") return event;
      }
      return null;
    });
    return { model: loaded.model, loadUs: loaded.loadUs, answerUs: clock.nowUs() - startUs };
  } finally {
    host.kill();
  }
}

/** Sends and waits until `take` finds its answer; the process's end, and the limit, are answers too. */
async function reply<T>(host: HostProcess, message: ToHost, limit: AbortSignal, take: (message: FromHost) => T | null): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const late = (): void => reject(new InfernoError("model_load_failed", `The probe's process did not answer "${message.type}" in time.`));
  limit.addEventListener("abort", late);
  const listening = host.channel.onMessage((received) => {
    try {
      const answer = take(received);
      if (answer !== null) resolve(answer);
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
  void host.ended.then((how) => reject(new InfernoError("model_host_crashed", `The probe's process ${how}. ${host.lastLines().join(" ").slice(-500)}`.trim())));
  host.channel.send(message);
  try {
    return await promise;
  } finally {
    limit.removeEventListener("abort", late);
    listening.dispose();
  }
}

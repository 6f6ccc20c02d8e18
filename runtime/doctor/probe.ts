import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { greedyParams, type ModelInfo } from "../../protocol/model.ts";
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

const load = (path: string, home: string): ToHost => ({
  type: "load", engine: "llama", home, options: { path, context: 256, parallel: 1, batch: 64, threads: 1, gpuLayers: 0 },
});
const oneToken: GenerateRequest = {
  id: "probe", maxTokens: 1, stop: [],
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
      if (message.type !== "event") return null;
      if (message.event.type === "failed") throw InfernoError.fromBody(message.event.error);
      return message.event.type === "end" ? message.event : null;
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

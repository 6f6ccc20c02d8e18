import type { Clock } from "../../base/clock.ts";
import type { ModelStatus } from "../../protocol/api/inferno.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { ModelDefinition } from "../config/registry.ts";
import { loadMessage } from "./load-message.ts";
import type { RunFacts, StepFacts } from "./messages.ts";
import type { SpawnHost } from "./process.ts";
import { HostSession, type LoadedModel } from "./session.ts";

export interface SupervisorOptions {
  readonly definition: ModelDefinition;
  readonly home: string;
  readonly spawn: SpawnHost;
  readonly clock: Clock;
  /** Real time in production; tests decide when a pause is over. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly onLoaded?: ((model: LoadedModel) => void) | undefined;
  /** After every decode step. */
  readonly onStep?: ((step: StepFacts) => void) | undefined;
  readonly onRun?: ((run: RunFacts) => void) | undefined;
  /** The process died unasked. */
  readonly onCrash?: ((error: InfernoError) => void) | undefined;
  /**
   * Longest silence of a loaded host. Pulses stop during one decode step, so this is above the longest one: 512 tokens through 8 billion
   * parameters are 8e12 operations, some 160 s for two slow cores (50 GFLOP/s). Default 600 s.
   */
  readonly hangMs?: number | undefined;
}

/** How long to wait before the n-th start in a row after a crash: at once, then 0.5 s, doubling to 30 s. */
export const backOffMs = (crashes: number): number => (crashes <= 1 ? 0 : Math.min(30_000, 250 * 2 ** (crashes - 1)));

/** After this many crashes in a row without an answer in between, the host is started again only when somebody asks. */
const eagerRestarts = 3;

/** Whoever unloads a model waits for its requests, but not for a process that is stuck. Above most steps: one that takes longer ends with its process. */
const unloadSilenceMs = 30_000;

const stopping = (): InfernoError => new InfernoError("daemon_stopping", "The daemon is shutting down.");

const unloadedMeanwhile = (model: string): InfernoError => new InfernoError(
  "model_load_failed", `Model "${model}" was unloaded while it was loading.`, { hint: "Load it again, or send the request again." },
);

type Stage = Pick<ModelStatus, "state" | "progress" | "error">;
const unloaded: Stage = { state: "unloaded", progress: null, error: null };

/** Keeps the process of one model: started when needed, started again when it dies, ended on request. */
export class HostSupervisor {
  readonly #options: SupervisorOptions;
  #definition: ModelDefinition;
  #stage: Stage = unloaded;
  #session: HostSession | null = null;
  #model: LoadedModel | null = null;
  #starting: Promise<HostSession> | null = null;
  #stopping: Promise<void> | null = null;
  #crashes = 0;
  #disposed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#definition = options.definition;
  }

  get status(): Pick<ModelStatus, "state" | "progress" | "error" | "pid" | "rssBytes" | "context" | "memory" | "info"> {
    return {
      ...this.#stage,
      pid: this.#session?.pid ?? null,
      rssBytes: this.#session?.rssBytes ?? null,
      context: this.#model?.context ?? null,
      memory: this.#model?.memory ?? null,
      info: this.#model?.info ?? null,
    };
  }

  get isReady(): boolean {
    return this.#stage.state === "ready" && this.#stopping === null;
  }

  /** The running session; loads the model first if need be. All who ask while it loads share that one load. */
  async ready(signal: AbortSignal): Promise<HostSession> {
    signal.throwIfAborted();
    if (this.isReady && this.#session !== null) return this.#session;
    const session = await orAborted(this.#start(), signal);
    // An `unload` that came while it loaded ends this process at once: whoever still wants the model waits for the next.
    return this.#stopping === null ? session : await this.ready(signal);
  }

  /** What the next start loads; the running process stays as it is. */
  redefine(definition: ModelDefinition): void {
    this.#definition = definition;
  }

  /** An answer was completed: what crashed before has recovered. */
  succeeded(): void {
    this.#crashes = 0;
  }

  /** Finishes the requests in work, then ends the process; a load under way ends at once. */
  unload(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => (this.#stopping = null));
    return this.#stopping;
  }

  /** Ends everything now; nothing is started again. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#session?.kill(stopping());
    await this.#session?.ended;
  }

  #start(): Promise<HostSession> {
    this.#starting ??= this.#load().finally(() => (this.#starting = null));
    return this.#starting;
  }

  async #load(): Promise<HostSession> {
    if (this.#stopping !== null) await this.#stopping;
    const { sleep, spawn, clock } = this.#options;
    const definition = this.#definition;
    this.#stage = { state: "loading", progress: 0, error: null };
    await sleep(backOffMs(this.#crashes));
    if (this.#disposed) throw stopping();
    if (this.#stopping !== null) throw unloadedMeanwhile(definition.name);
    const session = new HostSession({
      model: definition.name, process: spawn(), load: loadMessage(definition, this.#options.home), clock,
      onProgress: (state, progress) => (this.#stage = { state, progress, error: null }),
      onStep: (step) => this.#options.onStep?.(step),
      onRun: (run) => this.#options.onRun?.(run),
    });
    this.#session = session;
    try {
      this.#model = await session.loaded;
    } catch (cause) {
      throw await this.#loadFailed(session, InfernoError.from(cause));
    }
    this.#stage = { state: "ready", progress: null, error: null };
    this.#options.onLoaded?.(this.#model);
    const watch = this.#watchForHangs(session);
    void session.ended.then((crash) => {
      clearInterval(watch);
      this.#ended(session, crash);
    });
    return session;
  }

  async #loadFailed(session: HostSession, failure: InfernoError): Promise<InfernoError> {
    const error = this.#disposed ? stopping() : this.#stopping === null ? failure : unloadedMeanwhile(this.#definition.name);
    session.kill();
    await session.ended;
    this.#session = null;
    const { code, message, hint } = error;
    this.#stage = { state: "failed", progress: null, error: { code, message, hint } };
    return error;
  }

  #ended(session: HostSession, crash: InfernoError | null): void {
    if (this.#session !== session) return;
    this.#session = null;
    this.#model = null;
    this.#stage = unloaded;
    if (crash === null || this.#disposed) return;
    this.#crashes += 1;
    this.#options.onCrash?.(crash);
    const { code, message, hint } = crash;
    this.#stage = { state: "failed", progress: null, error: { code, message, hint } };
    // Whoever asks next is told if this start fails too; the stage shows it meanwhile.
    if (this.#crashes <= eagerRestarts) this.#start().catch(() => undefined);
  }

  async #stop(): Promise<void> {
    if (this.#starting !== null) {
      // The only way out of a load that hangs, or of the download of a wrong file; those who wait for it are told.
      this.#session?.kill();
      await this.#starting.catch(() => undefined);
    }
    const session = this.#session;
    // A run of an ONNX model has a limit of its own.
    if (session !== null) await session.close(this.#definition.engine === "onnx" ? null : unloadSilenceMs);
    this.#stage = unloaded;
  }

  #watchForHangs(session: HostSession): NodeJS.Timeout {
    const { name, engine, config: { onnx: { run_limit_s: runLimitS } } } = this.#definition;
    // A model of single runs says when one begins; before that, only slow pre-processing keeps it from its pulse.
    const silenceMs = this.#options.hangMs ?? (engine === "onnx" ? Math.max(10_000, runLimitS * 1000) : 600_000);
    const runIsStuck = (): boolean => session.runUs > runLimitS * 1e6;
    const isStuck = (): boolean => runIsStuck() || session.silentUs > silenceMs * 1000;
    const end = (): void => {
      const what = runIsStuck() ? `A run of model "${name}" took longer than ${runLimitS} s` : `The process of model "${name}" was silent for ${silenceMs / 1000} s`;
      if (runIsStuck() || engine === "onnx") session.abandon(new InfernoError("inference_stuck", `${what}; its process was ended and is started again.`));
      else session.kill();
    };
    return setInterval(() => {
      // Looked at twice: this process may be the one that slept, and then what the other said in the meantime is still in the pipe.
      if (isStuck()) setImmediate(() => (isStuck() ? end() : undefined));
    }, Math.min(silenceMs, runLimitS * 1000) / 4).unref();
  }
}

/** Waits for the promise or the signal, whichever comes first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason as Error);
    signal.addEventListener("abort", aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}

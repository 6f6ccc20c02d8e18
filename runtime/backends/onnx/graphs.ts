import { InferenceSession } from "onnxruntime-node";
import type { Clock } from "../../../base/clock.ts";
import type { OperationRecord, TaskReport } from "../task-model.ts";
import type { GraphFacts } from "./facts.ts";
import { openPlain, type OpenedGraph, type OpenNative, type OptimizedGraphs } from "./optimized.ts";
import { sessionOptions, type RunOptions } from "./options.ts";
import { loadError } from "./ort-error.ts";
import { OrtSession, type Session } from "./session.ts";
import { ProfiledTwin } from "./twin.ts";

interface Graph extends OpenedGraph {
  readonly session: OrtSession;
}

/** A speech model's decoder runs hundreds of times, hundreds of operations each: a trace of more is of no use to anybody. */
const mostOperations = 100_000;

type Profiled = Required<Pick<TaskReport, "operations" | "operationsLeftOut">>;

/** The graphs of one loaded model: all open with the same options, all closed together. */
export class Graphs {
  readonly #options: RunOptions;
  readonly #optimized: OptimizedGraphs;
  readonly #clock: Clock;
  readonly #graphs: Graph[] = [];

  constructor(options: RunOptions, optimized: OptimizedGraphs, clock: Clock) {
    this.#options = options;
    this.#optimized = optimized;
    this.#clock = clock;
  }

  get facts(): readonly GraphFacts[] {
    return this.#graphs.map(({ facts }) => facts);
  }

  /** Rejects with `model_file_missing`, `model_file_invalid` or `model_load_failed`. */
  async open(path: string): Promise<Session> {
    const { onnx, providers } = this.#options;
    try {
      const settings = [...providers, onnx.optimization, JSON.stringify(onnx.dimensions)];
      const opened = onnx.cache_optimized ? await this.#optimized.open(path, settings, this.#openNative) : await openPlain(path, this.#openNative);
      const session = new OrtSession(opened.native, onnx.dimensions);
      this.#graphs.push({ ...opened, session });
      return session;
    } catch (error) {
      throw loadError(path, error);
    }
  }

  readonly #openNative: OpenNative = async (file, { extra, ...options }) => {
    const base = sessionOptions(this.#options);
    return await InferenceSession.create(file, { ...base, ...options, extra: merge(base.extra, extra) });
  };

  /**
   * Calls `run` twice, as what runs first also makes room and reads its weights, and reports the operations of the second time: the first
   * `mostOperations` of them, and how many more there were.
   */
  async profiled<T>(run: () => Promise<T>): Promise<{ readonly result: T } & Profiled> {
    const twins: ProfiledTwin[] = [];
    const operations: OperationRecord[][] = [];
    try {
      for (const { session, file, options } of this.#graphs) {
        const twin = await ProfiledTwin.open(async (further) => await this.#openNative(file, { ...options, ...further }), this.#clock);
        twins.push(twin);
        session.runThrough(twin.run);
      }
      await run();
      for (const twin of twins) twin.warm();
      const result = await run();
      for (let twin = twins.shift(); twin !== undefined; twin = twins.shift()) operations.push(await twin.finish());
      const all = operations.flat().sort((a, b) => a.startUs - b.startUs);
      return { result, operations: all.slice(0, mostOperations), operationsLeftOut: Math.max(0, all.length - mostOperations) };
    } finally {
      for (const { session } of this.#graphs) session.runThrough(null);
      for (const twin of twins) await twin.finish();
    }
  }

  async dispose(): Promise<void> {
    for (const { session } of this.#graphs.splice(0)) await session.dispose();
  }
}

type Extra = Readonly<Record<string, unknown>> | undefined;

/** Both have entries of the session's alone. */
const merge = (base: Extra, more: Extra): Record<string, unknown> => ({ session: { ...section(base), ...section(more) } });
const section = (extra: Extra): object => {
  const session = extra?.["session"];
  return typeof session === "object" && session !== null ? session : {};
};

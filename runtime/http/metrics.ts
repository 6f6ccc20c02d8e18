import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { TraceSummary } from "../../protocol/trace.ts";
import type { RunFacts, StepFacts } from "../host/messages.ts";
import type { Router } from "../routing/router.ts";

/** Seconds; from one fast token to a slow prompt. */
const tokenBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5];
const batchBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const shareBuckets = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1];
const requestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** GET /metrics. Durations and their names follow OpenTelemetry's semantic conventions for generative AI servers, in Prometheus' spelling. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #registers = { registers: [this.#registry] };
  readonly #requests = new Counter({ name: "inferno_requests_total", help: "Requests, by how they ended.", labelNames: ["model", "route", "status"], ...this.#registers });
  readonly #tokens = new Counter({ name: "inferno_tokens_total", help: "Tokens read (input) and generated (output).", labelNames: ["model", "type"], ...this.#registers });
  readonly #restarts = new Counter({ name: "inferno_host_restarts_total", help: "Model processes that died unasked.", labelNames: ["model"], ...this.#registers });
  readonly #duration = new Histogram({ name: "gen_ai_server_request_duration_seconds", help: "Wall time of requests.", labelNames: ["model"], buckets: requestBuckets, ...this.#registers });
  readonly #ttft = new Histogram({ name: "gen_ai_server_time_to_first_token_seconds", help: "Request's start to first text.", labelNames: ["model"], buckets: requestBuckets, ...this.#registers });
  readonly #interToken = new Histogram({ name: "gen_ai_server_time_per_output_token_seconds", help: "Time between two texts of a stream.", labelNames: ["model"], buckets: tokenBuckets, ...this.#registers });

  readonly #queueWait = new Histogram({ name: "inferno_queue_wait_seconds", help: "Time in the queue, for a place and for KV cells.", labelNames: ["model"], buckets: requestBuckets, ...this.#registers });
  readonly #reuse = new Histogram({ name: "inferno_prompt_reuse_ratio", help: "Share of a prompt's tokens that were not computed again.", labelNames: ["model"], buckets: shareBuckets, ...this.#registers });
  readonly #acceptance = new Histogram({ name: "inferno_speculation_acceptance_ratio", help: "Share of a step's guessed tokens that were right.", labelNames: ["model"], buckets: shareBuckets, ...this.#registers });
  readonly #sequences = new Histogram({ name: "inferno_batch_sequences", help: "Answers in one decode step.", labelNames: ["model"], buckets: batchBuckets, ...this.#registers });
  readonly #batchTokens = new Histogram({ name: "inferno_batch_tokens", help: "Tokens in one decode step, guesses included.", labelNames: ["model"], buckets: batchBuckets, ...this.#registers });
  readonly #cells = new Histogram({ name: "inferno_kv_cells_used_ratio", help: "Share of the KV cache in use after a step, cached prefixes included.", labelNames: ["model"], buckets: shareBuckets, ...this.#registers });
  readonly #decode = new Histogram({ name: "inferno_decode_step_seconds", help: "The engine's time for one decode step.", labelNames: ["model"], buckets: tokenBuckets, ...this.#registers });
  readonly #overhead = new Histogram({ name: "inferno_step_overhead_ratio", help: "Inferno's own time in a step (without decode and sampling), as a share of the engine's.", labelNames: ["model"], buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1], ...this.#registers });

  readonly #runItems = new Histogram({ name: "inferno_run_items", help: "Inputs in one run of an ONNX model.", labelNames: ["model"], buckets: batchBuckets, ...this.#registers });
  readonly #runPadding = new Histogram({ name: "inferno_run_padding_ratio", help: "Share of a run that was padding.", labelNames: ["model"], buckets: shareBuckets, ...this.#registers });
  readonly #run = new Histogram({ name: "inferno_run_seconds", help: "The engine's time for one run of an ONNX model.", labelNames: ["model"], buckets: tokenBuckets, ...this.#registers });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Queue depths are read when somebody asks. */
  watch(router: Router): void {
    const gauge = (name: string, help: string, value: (queue: { running: number; queued: number }) => number) =>
      new Gauge({
        name, help, labelNames: ["model"], ...this.#registers,
        collect() {
          // A model that was taken out of the configuration has no queue any more.
          this.reset();
          for (const { definition, queue } of router.all()) this.set({ model: definition.name }, value(queue));
        },
      });
    gauge("inferno_requests_running", "Requests in work.", ({ running }) => running);
    gauge("inferno_requests_queued", "Requests waiting for a place.", ({ queued }) => queued);
    this.#watchMemory(router);
  }

  /** Only of loaded models: what is not loaded takes none. */
  #watchMemory(router: Router): void {
    new Gauge({
      name: "inferno_model_memory_bytes", help: "Memory of a loaded model by part (weights, kv, compute): predicted before loading, and measured after.",
      labelNames: ["model", "kind", "part"], ...this.#registers,
      collect() {
        this.reset();
        for (const { definition: { name: model }, host } of router.all()) {
          const { memory } = host.status;
          if (memory === null) continue;
          for (const kind of ["predicted", "measured"] as const) {
            for (const part of ["weights", "kv", "compute"] as const) this.set({ model, kind, part }, memory[kind]?.[part] ?? Number.NaN);
          }
        }
      },
    });
    new Gauge({
      name: "inferno_model_resident_bytes", help: "Resident memory of a model's process, pages of the model file included.", labelNames: ["model"], ...this.#registers,
      collect() {
        this.reset();
        for (const { definition, host } of router.all()) {
          const { rssBytes } = host.status;
          if (rssBytes !== null) this.set({ model: definition.name }, rssBytes);
        }
      },
    });
  }

  finished({ model, route, status, durationUs, ttftUs, promptTokens, completionTokens }: TraceSummary): void {
    this.#requests.inc({ model, route, status });
    this.#tokens.inc({ model, type: "input" }, promptTokens);
    this.#tokens.inc({ model, type: "output" }, completionTokens);
    this.#duration.observe({ model }, durationUs / 1e6);
    if (ttftUs !== null) this.#ttft.observe({ model }, ttftUs / 1e6);
  }

  interToken(model: string, us: number): void {
    this.#interToken.observe({ model }, us / 1e6);
  }

  /** One decode step of a model's host. */
  stepped(model: string, { sequences, tokens, cellsUsed, cells, decodeUs, overheadUs, drafted, accepted }: StepFacts): void {
    this.#sequences.observe({ model }, sequences);
    this.#batchTokens.observe({ model }, tokens);
    this.#cells.observe({ model }, cellsUsed / cells);
    this.#decode.observe({ model }, decodeUs / 1e6);
    if (decodeUs > 0) this.#overhead.observe({ model }, overheadUs / decodeUs);
    if (drafted > 0) this.#acceptance.observe({ model }, accepted / drafted);
  }

  /** One run of a model whose requests are single runs. */
  ran(model: string, { items, padding, runUs }: RunFacts): void {
    this.#runItems.observe({ model }, items);
    this.#runPadding.observe({ model }, padding);
    this.#run.observe({ model }, runUs / 1e6);
  }

  /** An answer has begun after so long in queues. */
  started(model: string, queueUs: number, reused: number, prompt: number): void {
    this.#queueWait.observe({ model }, queueUs / 1e6);
    if (prompt > 0) this.#reuse.observe({ model }, reused / prompt);
  }

  hostCrashed(model: string): void {
    this.#restarts.inc({ model });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

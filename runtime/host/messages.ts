import type { ChatMessage, Tool } from "../../protocol/api/openai.ts";
import type { z } from "zod";
import type { FinishReason } from "../../protocol/api/openai.ts";
import type { ContextOverflow } from "../../protocol/config.ts";
import type { ErrorBody } from "../../protocol/errors.ts";
import type { GraphComparison, GraphReport } from "../../protocol/graph.ts";
import type { GenerationParams, ModelInfo, ModelMemory } from "../../protocol/model.ts";
import type { Reuse, SpanAttributes, SpanName } from "../../protocol/trace.ts";
import type { TokenRow } from "../../protocol/trace-recording.ts";
import type { RecordLevel, TemplateSource } from "../../protocol/trace-tokens.ts";
import type { Choice, LoadOptions, MemoryForecast, StepReport } from "../backends/backend.ts";
import type { TaskLoadOptions } from "../backends/task-model.ts";
import type { Inference, Inferred } from "../../protocol/infer.ts";

/** The typed channel between the gateway and one model host. Both ends import this file; nothing else crosses the process boundary. */

/** What to generate from: messages go through the model's chat template in the host, where the template is known. */
export type Prompt =
  | { readonly kind: "messages"; readonly messages: readonly ChatMessage[]; readonly tools: readonly z.infer<typeof Tool>[] }
  | { readonly kind: "text"; readonly text: string }
  /** A text with a gap to fill, for models whose vocabulary has the tokens for it. */
  | { readonly kind: "fill"; readonly fill: Gap };

/** What surrounds the text to be written. */
export interface Gap {
  readonly prefix: string;
  readonly suffix: string;
  /** Other files, the nearest last. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** How the text in the gap begins. */
  readonly beginning: string;
}

/** What the answer must look like. */
export type OutputFormat =
  | { readonly kind: "text" }
  | { readonly kind: "json" }
  | { readonly kind: "schema"; readonly schema: Readonly<Record<string, unknown>>; readonly name: string }
  | { readonly kind: "grammar"; readonly gbnf: string };

/** OpenAI's `tool_choice`: a name asks for this one function. */
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

export interface GenerateRequest {
  /** The trace's id: one request, one trace. */
  readonly id: string;
  readonly prompt: Prompt;
  readonly params: GenerationParams;
  /** Most tokens of each answer; null leaves it to the context. */
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  /** Answers to make from the one prompt; each samples with a seed of its own, the first with `params.seed`. */
  readonly choices: number;
  /** Higher runs first; within one priority the older. Default 0. */
  readonly priority: number;
  /** Milliseconds after which it ends with `deadline_exceeded`, from its arrival at the gateway, and in the host from `sentUs`; null for none. */
  readonly timeoutMs: number | null;
  readonly output: OutputFormat;
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
  /** LoRA adapters by name; absent ones run at their configured scale. */
  readonly adapters: readonly { readonly name: string; readonly scale: number }[];
  readonly overflow: ContextOverflow;
  /** False: neither start from a cached prefix nor leave one. */
  readonly cachePrompt: boolean;
  /** False: guess nothing, whatever the model's configuration says. */
  readonly speculate: boolean;
  /** How much of each token its events bring along; absent: nothing. */
  readonly record?: RecordLevel | undefined;
  /** Under a debugger: it stands still once it has chosen so many tokens, until it is let go on; and its state is kept when it is over. One answer only. */
  readonly debug?: { readonly tokens: number } | undefined;
  /** It goes on from a debugged request, in place of from its own prompt. */
  readonly fork?: Fork | undefined;
  /** The steps to record operation by operation, by the answer's token that they compute. */
  readonly profile?: StepRange | undefined;
}

/** Where a request leaves another one, which is or was under a debugger. */
export interface Fork {
  readonly of: string;
  /** Number of the first token that is not taken over. */
  readonly token: number;
  /** What is chosen there, whatever the samplers say; null leaves it to them. */
  readonly choose: number | null;
  /** The sampling is another one; else it goes on with the same random numbers. */
  readonly changed: boolean;
}

/** One token of a debugged request, as it was chosen. */
export interface DebugRow {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly isEnd: boolean;
  /** Name of the tool call that it is in. */
  readonly call: string | null;
  /** When its step began, on the clock. */
  readonly sinceUs: number;
  readonly row: TokenRow;
  /** Bytes of the row's most likely tokens, in their order. */
  readonly pieces: readonly Uint8Array[];
}

export interface DebugProgress {
  /** Since the last time. */
  readonly rows: readonly DebugRow[];
  /** Why it goes on no further. */
  readonly over: FinishReason | "failed" | "cancelled" | null;
}

/** Both ends belong to it; null goes on to the end. */
export interface StepRange {
  readonly from: number;
  readonly to: number | null;
}

/** What a model host is told beside what its engine needs. */
export interface HostOptions {
  /** The model makes vectors, or scores with `rank`, and does not generate. */
  readonly embedding?: { readonly pooling: "auto" | "mean" | "cls" | "last"; readonly rank: boolean } | undefined;
  readonly prefixCache: { readonly enabled: boolean; readonly diskBytes: number };
  readonly speculation: { readonly mode: "off" | "ngram" | "draft"; readonly draft: string | null; readonly maxTokens: number; readonly candidates: number };
  /** LoRA adapters in the engine's order, with their scales where a request does not say otherwise. */
  readonly adapters: readonly NamedAdapter[];
}

export interface NamedAdapter {
  readonly name: string;
  readonly path: string;
  readonly scale: number;
}

export type ToHost =
  /** `options.path` is an absolute path, or a remote `hf:` source that the host first downloads into `home`/models, or `fake:…` for the fake engine. */
  | { readonly type: "load"; readonly engine: TextEngine; readonly options: Omit<LoadOptions, "onProgress">; readonly host: HostOptions; readonly home: string }
  /** A model whose requests are single runs. Answered like `load`; `parallel` is the least number of requests that it takes at once. */
  | { readonly type: "loadTask"; readonly engine: TaskEngine; readonly options: Omit<TaskLoadOptions, "onProgress">; readonly parallel: number; readonly home: string }
  /** Would it fit? Nothing is loaded, and the process ends after its answer: `forecast` or `loadFailed`. */
  | { readonly type: "forecast"; readonly load: Extract<ToHost, { type: "load" | "loadTask" }> }
  /** What is in an ONNX file? With `target` the graph is written there as the engine would run it, and compared. The process ends after its answer: `inspected` or `loadFailed`. */
  | { readonly type: "inspect"; readonly path: string; readonly target: string | null }
  /** `sentUs`: the gateway's clock when it sent this, so that the `dispatch` span joins both timelines. */
  | { readonly type: "generate"; readonly request: GenerateRequest; readonly sentUs: number }
  /** Work beside generation; answered by one `answer`. `suspect`: a process ended while it worked on this one and others, so now it shares no run. */
  | { readonly type: "call"; readonly id: string; readonly call: HostCall; readonly sentUs: number; readonly suspect?: boolean | undefined }
  /** Answered by the request's `failed` event with `request_cancelled` and the spans so far, unless its last event is on its way already. */
  | { readonly type: "cancel"; readonly id: string }
  /** Back-pressure: no step for this request until `resume`. */
  | { readonly type: "pause"; readonly id: string }
  | { readonly type: "resume"; readonly id: string }
  | { readonly type: "shutdown" };

export type EngineName = ModelInfo["engine"];
/** For models of tokens, and for models whose requests are single runs. */
export type TextEngine = Exclude<EngineName, "onnx">;
export type TaskEngine = Exclude<EngineName, "llama">;

export type FromHost =
  /** `phase` is absent while weights load. */
  | { readonly type: "progress"; readonly fraction: number; readonly phase?: "download" | undefined }
  | { readonly type: "ready"; readonly model: ModelInfo; readonly context: number; readonly parallel: number; readonly memory: ModelMemory | null; readonly loadUs: number }
  | { readonly type: "loadFailed"; readonly error: ErrorBody }
  | { readonly type: "forecast"; readonly forecast: MemoryForecast }
  | { readonly type: "inspected"; readonly report: GraphReport; readonly comparison: GraphComparison | null }
  /** What one step said, of all requests: one message, because each costs as much as a small model's sampling. */
  | { readonly type: "events"; readonly events: readonly (readonly [id: string, event: GenerationEvent])[]; readonly step?: StepFacts | undefined }
  /** To a `call`. `runs`: those since the last answer. */
  | { readonly type: "answer"; readonly id: string; readonly outcome: CallOutcome; readonly endUs: number; readonly spans: readonly SpanRecord[]; readonly runs?: readonly RunFacts[] | undefined }
  /** Said just before what may never come back: a run, which blocks this process, and slow preparations, which decode foreign files in native code. */
  | { readonly type: "busy"; readonly running: readonly string[]; readonly preparing: readonly string[] }
  /** Sent every second while loaded, so that a hang can be told from work. */
  | { readonly type: "pulse"; readonly rssBytes: number; readonly running: number };

/** A request of an ONNX model (`"profile": "ops"` over HTTP) may want each operation of its runs in its trace; a run takes more than twice as long then. */
interface Profiled {
  readonly profile?: boolean | undefined;
}

/** Work beside generation, by its kind: what is asked, and what is answered. */
export interface HostCalls {
  readonly tokenize: {
    readonly asked: { readonly text: string; readonly addSpecial: boolean; readonly parseSpecial: boolean };
    readonly answered: { readonly tokens: readonly number[]; readonly pieces: readonly Uint8Array[] };
  };
  readonly detokenize: { readonly asked: { readonly tokens: readonly number[] }; readonly answered: { readonly bytes: Uint8Array } };
  readonly template: {
    readonly asked: { readonly messages: readonly ChatMessage[]; readonly tools: readonly z.infer<typeof Tool>[] };
    readonly answered: { readonly prompt: string };
  };
  readonly embed: {
    readonly asked: { readonly inputs: readonly (string | readonly number[])[] } & Profiled;
    readonly answered: { readonly vectors: readonly Float32Array[]; readonly tokens: number };
  };
  readonly rerank: {
    readonly asked: { readonly query: string; readonly documents: readonly string[] } & Profiled;
    readonly answered: { readonly scores: readonly number[]; readonly tokens: number };
  };
  /** Of an ONNX model; `task` must be the model's own. */
  readonly infer: { readonly asked: { readonly input: Inference } & Profiled; readonly answered: { readonly output: Inferred } };
  /** Keeps what is cached of this request's prompt in the file `path`. */
  readonly saveState: { readonly asked: { readonly path: string; readonly request: GenerateRequest }; readonly answered: { readonly tokens: number; readonly bytes: number } };
  /** The adapters to have from now on, without loading the model again. */
  readonly adapters: { readonly asked: { readonly adapters: readonly NamedAdapter[] }; readonly answered: { readonly loaded: number } };
  /** Takes a request in work under the debugger: it stands still. `tokens`: chosen so far. */
  readonly debugAttach: { readonly asked: { readonly request: string }; readonly answered: { readonly tokens: number } };
  /** Lets it choose so many tokens, or any number. Answered when it stands again, for whatever reason; a cancel of the call makes it stand. */
  readonly debugStep: { readonly asked: { readonly request: string; readonly tokens: number | null }; readonly answered: DebugProgress };
  /** How a token was chosen, with the bytes of all that are named; null when nobody watched. */
  readonly debugChoice: { readonly asked: { readonly request: string; readonly token: number }; readonly answered: { readonly choice: Choice | null; readonly pieces: ReadonlyMap<number, Uint8Array> } };
  /** It goes on without the debugger. */
  readonly debugRelease: { readonly asked: { readonly request: string }; readonly answered: { readonly released: true } };
  /** Nobody will go on from these, which are over. */
  readonly debugForget: { readonly asked: { readonly requests: readonly string[] }; readonly answered: { readonly forgotten: number } };
  readonly restoreState: { readonly asked: { readonly path: string }; readonly answered: { readonly tokens: number; readonly bytes: number } };
}

export type CallKind = keyof HostCalls;
export type HostCall = { readonly [K in CallKind]: { readonly kind: K } & HostCalls[K]["asked"] }[CallKind];
export type CallOutcome = { readonly ok: true; readonly value: HostCalls[CallKind]["answered"] } | { readonly ok: false; readonly error: ErrorBody };

/** Figures of one step, for /metrics. */
export interface StepFacts {
  /** Answers that took part, and tokens that went through the model, guesses included. */
  readonly sequences: number;
  readonly tokens: number;
  /** KV cells in use after it, cached prefixes included, of so many. */
  readonly cellsUsed: number;
  readonly cells: number;
  readonly decodeUs: number;
  /** Our own time: the step without decode and sampling. */
  readonly overheadUs: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly computing?: StepReport["computing"];
}

/** Figures of one run of a model whose requests are single runs, for /metrics. */
export interface RunFacts {
  readonly requests: number;
  readonly items: number;
  /** Of what was computed, the share that was padding. */
  readonly padding: number;
  readonly runUs: number;
}

/**
 * What one request's generation says, in order: `prompt`, then for each choice `start`, `text`…, `finish`, then one of `end` and `failed`.
 * A `text` event may be without text: the token is half a character or may begin a stop string.
 * `tokens` are those whose text is shown to its end by this event. `recorded`: blocks of protocol/trace-recording.ts, several tokens in each, so that
 * recording costs no message and hardly a byte of one most of the time.
 */
export type GenerationEvent =
  | { readonly type: "prompt"; readonly text: string; readonly tokens: number; readonly truncated: number; readonly template: TemplateSource; readonly recorded?: Recorded; readonly spans: readonly SpanRecord[] }
  | { readonly type: "start"; readonly choice: number; readonly reuse: Reuse; readonly spans: readonly SpanRecord[] }
  | {
    readonly type: "text"; readonly choice: number; readonly text: string; readonly tokens: readonly TokenRecord[];
    readonly calls?: readonly ToolCallDelta[] | undefined; readonly recorded?: Recorded; readonly spans: readonly SpanRecord[];
  }
  /** `tokens` counts every token but the end token; `dropped` those that left the context meanwhile (`overflow: shift`). */
  | { readonly type: "finish"; readonly choice: number; readonly reason: FinishReason; readonly tokens: number; readonly dropped: number; readonly speculation: SpeculationCount; readonly recorded?: Recorded; readonly spans: readonly SpanRecord[] }
  | { readonly type: "end"; readonly endUs: number; readonly spans: readonly SpanRecord[] }
  | { readonly type: "failed"; readonly error: ErrorBody; readonly endUs: number; readonly recorded?: Recorded; readonly spans: readonly SpanRecord[] };

type Recorded = readonly Uint8Array[] | undefined;

export interface SpeculationCount {
  readonly drafted: number;
  readonly accepted: number;
}

/** A piece of a tool call. The first piece of a call carries `id` and `name`; `arguments` is the next part of a JSON text. */
export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly arguments: string;
}

/** One generated token as the answer reports it. `bytes` because a token may be half a character. */
export interface TokenRecord {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly logprob?: number | undefined;
  readonly top?: readonly { readonly bytes: Uint8Array; readonly logprob: number }[] | undefined;
}

/** A span on the machine's monotonic clock, in microseconds; its parent is the request. */
export interface SpanRecord {
  readonly name: SpanName;
  readonly startUs: number;
  readonly endUs: number;
  readonly attributes?: SpanAttributes | undefined;
}

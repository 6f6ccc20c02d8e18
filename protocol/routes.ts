import { z } from "zod";
import { AttachRequest, AttachResponse, Health, ModelList, ModelName, ModelStatus, StopResponse, TraceExportQuery, TraceFileQuery, TraceId, TraceList, TraceQuery } from "./api/inferno.ts";
import { ChatCompletion, ChatCompletionChunk, ChatCompletionRequest, Completion, CompletionRequest, OpenAiModel, OpenAiModelList } from "./api/openai.ts";
import {
  ApplyTemplateRequest, ApplyTemplateResponse, DetokenizeRequest, DetokenizeResponse, EmbeddingsRequest, EmbeddingsResponse,
  Infill, InfillRequest, RerankRequest, RerankResponse, SavedState, SavedStateList, SaveStateRequest, StateRequest, TokenizeRequest, TokenizeResponse,
} from "./api/tasks.ts";
import { DebugAction, DebugEvaluate, DebugSessionId, DebugSessions, DebugStart, DebugState, DebugToken, DebugTokenPlace, DebugTokenQuery, DebugValue } from "./api/debug.ts";
import { OtlpTracesRequest, OtlpTracesResponse } from "./api/otlp.ts";
import type { Route } from "./route.ts";
import { SpeechRequest, TranscriptionRequest, TranscriptionResponse, VadRequest, VadResponse, VadStreamEvent, VadStreamQuery, WakeRequest, WakeResponse } from "./api/audio.ts";
import { InferQuery, InferRequest, InferResponse, safetensorsType } from "./api/infer.ts";
import { EntitiesRequest, EntitiesResponse, TextClassifyRequest, TextClassifyResponse } from "./api/text.ts";
import { DetectRequest, DetectResponse, ImageClassifyRequest, ImageClassifyResponse, OcrRequest, OcrResponse } from "./api/vision.ts";
import { Trace } from "./trace.ts";
import { TraceTokens, TraceTokensQuery } from "./trace-tokens.ts";

/** Every route of the daemon. */
export const routes = {
  health: { method: "GET", path: "/health", summary: "Whether the daemon is up. Needs no token.", secured: false, response: Health },
  metrics: { method: "GET", path: "/metrics", summary: "Prometheus metrics.", secured: true, response: "text/plain" },
  openapi: { method: "GET", path: "/openapi.json", summary: "This API as an OpenAPI 3.1 document. Needs no token.", secured: false, response: z.record(z.string(), z.unknown()) },
  openaiModels: { method: "GET", path: "/v1/models", summary: "The models, in OpenAI's shape.", secured: true, response: OpenAiModelList },
  openaiModel: { method: "GET", path: "/v1/models/{model}", summary: "One model, in OpenAI's shape.", secured: true, params: ModelName, response: OpenAiModel },
  chatCompletions: {
    method: "POST", path: "/v1/chat/completions", summary: "Answer a conversation.", secured: true,
    body: ChatCompletionRequest, response: ChatCompletion, event: ChatCompletionChunk,
  },
  completions: {
    method: "POST", path: "/v1/completions", summary: "Continue a text.", secured: true,
    body: CompletionRequest, response: Completion, event: Completion,
  },
  infill: { method: "POST", path: "/infill", summary: "Fill a gap in a text, as llama-server's route of this name.", secured: true, body: InfillRequest, response: Infill, event: Infill },
  embeddings: { method: "POST", path: "/v1/embeddings", summary: "Vectors of texts.", secured: true, body: EmbeddingsRequest, response: EmbeddingsResponse },
  rerank: { method: "POST", path: "/v1/rerank", summary: "Order documents by how well they answer a query.", secured: true, body: RerankRequest, response: RerankResponse },
  transcriptions: {
    method: "POST", path: "/v1/audio/transcriptions", summary: "Write down speech.", secured: true, form: true, body: TranscriptionRequest, response: TranscriptionResponse,
  },
  speech: { method: "POST", path: "/v1/audio/speech", summary: "Speak a text.", secured: true, body: SpeechRequest, response: "audio/wav" },
  vad: { method: "POST", path: "/api/v1/audio/vad", summary: "Where somebody speaks in a sound.", secured: true, form: true, body: VadRequest, response: VadResponse },
  vadStream: {
    method: "GET", path: "/api/v1/audio/vad", summary: "Whether somebody speaks, while the sound comes in: a WebSocket that takes 16-bit mono samples.", secured: true,
    query: VadStreamQuery, socket: true, response: VadStreamEvent,
  },
  wake: { method: "POST", path: "/api/v1/audio/wake", summary: "Where a word is said that the model waits for.", secured: true, form: true, body: WakeRequest, response: WakeResponse },
  imageClassify: { method: "POST", path: "/api/v1/vision/classify", summary: "Labels of images.", secured: true, form: true, body: ImageClassifyRequest, response: ImageClassifyResponse },
  detect: { method: "POST", path: "/api/v1/vision/detect", summary: "Find things in an image.", secured: true, form: true, body: DetectRequest, response: DetectResponse },
  ocr: { method: "POST", path: "/api/v1/vision/ocr", summary: "Read text in an image.", secured: true, form: true, body: OcrRequest, response: OcrResponse },
  textClassify: { method: "POST", path: "/api/v1/text/classify", summary: "Labels of texts.", secured: true, body: TextClassifyRequest, response: TextClassifyResponse },
  entities: { method: "POST", path: "/api/v1/text/entities", summary: "Names and the like in texts.", secured: true, body: EntitiesRequest, response: EntitiesResponse },
  infer: {
    method: "POST", path: "/api/v1/infer", summary: "Tensors in, tensors out. As bytes, the model's name is the query's `model`.", secured: true,
    query: InferQuery, body: InferRequest, bytes: safetensorsType, response: InferResponse,
  },
  tokenize: { method: "POST", path: "/api/v1/tokenize", summary: "Text to tokens.", secured: true, body: TokenizeRequest, response: TokenizeResponse },
  detokenize: { method: "POST", path: "/api/v1/detokenize", summary: "Tokens to text.", secured: true, body: DetokenizeRequest, response: DetokenizeResponse },
  applyTemplate: {
    method: "POST", path: "/api/v1/apply-template", summary: "The prompt that the model's chat template makes of a conversation.", secured: true,
    body: ApplyTemplateRequest, response: ApplyTemplateResponse,
  },
  states: { method: "GET", path: "/api/v1/states", summary: "The saved conversation states.", secured: true, response: SavedStateList },
  saveState: {
    method: "POST", path: "/api/v1/states/save", summary: "Compute a conversation, unless that has been done, and keep the model's state in a file.", secured: true,
    body: SaveStateRequest, response: SavedState,
  },
  restoreState: {
    method: "POST", path: "/api/v1/states/restore", summary: "Put a saved state back, so that requests that go on from it start there.", secured: true,
    body: StateRequest, response: SavedState,
  },
  deleteState: { method: "POST", path: "/api/v1/states/delete", summary: "Remove a saved state.", secured: true, body: StateRequest, response: SavedState },
  models: { method: "GET", path: "/api/v1/models", summary: "The models and their state.", secured: true, response: ModelList },
  loadModel: {
    method: "POST", path: "/api/v1/models/load", summary: "Load a model; answers when it is ready.", secured: true, body: ModelName, response: ModelStatus,
  },
  unloadModel: {
    method: "POST", path: "/api/v1/models/unload", summary: "End a model's process and free its memory. Requests in work are finished first; a load under way ends at once.", secured: true,
    body: ModelName, response: ModelStatus,
  },
  otlpTraces: {
    method: "POST", path: "/v1/traces", summary: "Take an application's own spans, as OTLP/HTTP in JSON: they join the traces of requests that it sends with a `traceparent` header.", secured: true,
    limit: 4 * 1024 * 1024, body: OtlpTracesRequest, response: OtlpTracesResponse,
  },
  traces: { method: "GET", path: "/api/v1/traces", summary: "The latest traces, newest first.", secured: true, query: TraceQuery, response: TraceList },
  trace: { method: "GET", path: "/api/v1/traces/{id}", summary: "One trace with all its spans.", secured: true, params: TraceId, response: Trace },
  traceFile: {
    method: "GET", path: "/api/v1/traces/{id}/file", summary: "One trace as a file of its own, an `.inferno-trace`.", secured: true,
    params: TraceId, query: TraceFileQuery, response: "application/octet-stream",
  },
  traceExport: {
    method: "GET", path: "/api/v1/traces/{id}/export", summary: "One trace in the format of another program.", secured: true,
    params: TraceId, query: TraceExportQuery, response: "application/json",
  },
  traceTokens: {
    method: "GET", path: "/api/v1/traces/{id}/tokens", summary: "A trace's tokens in columns: probabilities, candidates, times, cells; and what went on around it.", secured: true,
    params: TraceId, query: TraceTokensQuery, response: TraceTokens,
  },
  debugSessions: { method: "GET", path: "/api/v1/debug", summary: "The debug sessions.", secured: true, response: DebugSessions },
  debugStart: {
    method: "POST", path: "/api/v1/debug", summary: "Begin a debug session: send a request, compute a finished one once more, or attach to one in work. Answers at the first token, or where a breakpoint stops before.",
    secured: true, body: DebugStart, response: DebugState,
  },
  debugSession: { method: "GET", path: "/api/v1/debug/{id}", summary: "Where a debug session stands.", secured: true, params: DebugSessionId, response: DebugState },
  debugAct: {
    method: "POST", path: "/api/v1/debug/{id}/act", summary: "Step, go back, go on, choose another token. Answers when the session stands again; a caller that leaves before stops it.",
    secured: true, params: DebugSessionId, body: DebugAction, response: DebugState,
  },
  debugToken: {
    method: "GET", path: "/api/v1/debug/{id}/tokens/{token}", summary: "One token: the candidates before and after each sampler, what decided, what it cost.", secured: true,
    params: DebugTokenPlace, query: DebugTokenQuery, response: DebugToken,
  },
  debugEvaluate: {
    method: "POST", path: "/api/v1/debug/{id}/evaluate", summary: "The value of an expression at a token.", secured: true,
    params: DebugSessionId, body: DebugEvaluate, response: DebugValue,
  },
  attach: {
    method: "POST", path: "/api/v1/attach", summary: "Use this daemon from another process, with that process's configuration.", secured: true,
    body: AttachRequest, response: AttachResponse,
  },
  stop: { method: "POST", path: "/api/v1/stop", summary: "Stop the daemon after the requests in work.", secured: true, response: StopResponse },
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

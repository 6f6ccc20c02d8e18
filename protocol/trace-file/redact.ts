import type { FileSpan, Meta, Request, Row, TraceContent } from "./content.ts";
import { spanNames, TraceStatus } from "../trace.ts";
import { isErrorCode } from "../errors.ts";

/**
 * The same trace for strangers: times, counts and structure stay, every text goes that is not one of Inferno's own words. So not only prompt and
 * answer: also names of models and files, texts in attributes, bytes of tokens, and ids of tokens, which anybody with the vocabulary turns back into text.
 */
export function redact(content: TraceContent): TraceContent {
  const { meta, tracks, spans, tables, series } = content;
  const ids = new Numbering();
  const requestOf = new Map(tracks.map(({ id, request }) => [id, request]));
  const idOf = (track: number, id: string): string => ids.of(`${requestOf.get(track) ?? "none"} ${id}`);
  return {
    meta: redactMeta(meta),
    tracks: tracks.map((track) => ({ ...track, name: `track ${track.id}`, kind: known(track.kind, trackKinds) })),
    spans: spans.map((span): FileSpan => ({
      ...span, id: idOf(span.track, span.id), parentId: span.parentId === null ? null : idOf(span.track, span.parentId), name: known(span.name, names), attributes: redactRow(span.attributes),
    })),
    tables: tables.map(({ name, rows }, index) => ({ name: name === "tokens" || name === "prompt" ? name : `table ${index}`, rows: rows.map(redactRow) })),
    series: series.map(({ points }, index) => ({ name: `series ${index}`, unit: "", points })),
  };
}

const names: ReadonlySet<string> = new Set(spanNames);
const trackKinds: ReadonlySet<string> = new Set(["request", "sequence", "layer", "thread", "async", "service"]);
const known = (text: string, words: ReadonlySet<string>): string => (words.has(text) ? text : "…");

/** Attributes and columns whose numbers say nothing of the text. Others could be ids of tokens. */
const safeNumbers: ReadonlySet<string> = new Set([
  "answer", "tokens", "batch", "chunk", "position", "timeUs", "step", "cells", "poolCells", "guessed", "accepted", "drafted", "prompts", "waiting", "bytes", "flops", "rows", "durationUs", "startUs",
  "index", "width", "height", "samples", "inputs", "images", "dropped", "shared", "logprob", "entropy", "place", "length", "count", "sequences", "kept", "copied", "cached", "reused",
]);

function redactRow(row: Row): Record<string, number | boolean> {
  return Object.fromEntries(Object.entries(row).flatMap(([key, value]): [string, number | boolean][] => (
    (typeof value === "number" || typeof value === "boolean") && safeNumbers.has(key) ? [[key, value]] : [])));
}

function redactMeta({ requests, source }: Meta): Meta {
  return { title: "redacted", producer: "inferno", source: known(source, new Set(["inferno", "chrome", "speedscope", "cpuprofile", "otlp"])), startedAt: null, redacted: true, requests: requests.map(redactRequest), notes: [] };
}

/** Built of what is kept, so that a field that is added later does not go out by accident. */
function redactRequest(request: Request, index: number): Request {
  const { status, errorCode, durationUs, promptTokens, completionTokens, ttftUs, tokensPerSecond, reuse, speculation, parameters, template, recording } = request;
  return {
    id: `redacted-${index}`, model: "…", route: known(request.route, routes), startedAt: "1970-01-01T00:00:00.000Z",
    status: TraceStatus.parse(status), errorCode: errorCode !== null && !isErrorCode(errorCode) ? "…" : errorCode,
    durationUs, promptTokens, completionTokens, ttftUs, tokensPerSecond,
    reuse: reuse === null ? null : { tokens: reuse.tokens, source: reuse.source, reason: reuse.reason, differs: reuse.differs === null ? null : { position: reuse.differs.position, cached: "…", prompt: "…" } },
    speculation: speculation === null ? null : { drafted: speculation.drafted, accepted: speculation.accepted },
    prompt: null, completion: null,
    parameters: Object.fromEntries(Object.entries(parameters).filter(([key, value]) => safeParameters.has(key) && (typeof value === "number" || typeof value === "boolean"))),
    // That somebody called stays: what is around the request is then not taken for it.
    ...(request.caller && { caller: { traceId: "…", spanId: "…" } }), engine: null, template, recording: recording === "full" ? "numbers" : recording,
  };
}

const safeParameters: ReadonlySet<string> = new Set(["temperature", "top_p", "top_k", "min_p", "max_tokens", "n", "repeat_penalty", "frequency_penalty", "presence_penalty", "stream", "logprobs", "top_logprobs", "priority", "timeout_ms"]);
const routes: ReadonlySet<string> = new Set(["/v1/chat/completions", "/v1/completions", "/infill", "/v1/embeddings", "/v1/rerank", "/api/v1/infer"]);

/** Ids may hold text, too. */
class Numbering {
  readonly #numbers = new Map<string, string>();

  of(id: string): string {
    let number = this.#numbers.get(id);
    if (number === undefined) this.#numbers.set(id, (number = String(this.#numbers.size)));
    return number;
  }
}

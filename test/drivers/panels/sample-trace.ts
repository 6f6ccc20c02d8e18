import type { Span, SpanAttributes, Trace, TraceSummary } from "../../../protocol/trace.ts";

export interface SampleOptions {
  readonly id?: string;
  readonly model?: string;
  readonly status?: Trace["status"];
  readonly tokens?: number;
  /** Minutes before `now`. */
  readonly minutesAgo?: number;
  /** How much longer everything took. */
  readonly slower?: number;
  /** Whether the decode steps were profiled, operation by operation, and of how many layers. */
  readonly layers?: number;
}

/** A trace as the daemon would record one: contiguous leaves under the request, stream writes beside them. Times follow from the numbers given, so it is always the same. */
export function sampleTrace({ id = "tr_sample", model = "ember", status = "ok", tokens = 48, minutesAgo = 1, slower = 1, layers = 0 }: SampleOptions = {}): Trace {
  const spans: Span[] = [];
  let now = 0;
  const root: Span = { id: "s0", parentId: null, name: "request", startUs: 0, durationUs: 0, attributes: { route: "/v1/chat/completions", stream: true } };
  spans.push(root);
  const leaf = (name: string, atUsualSpeedUs: number, attributes: SpanAttributes = {}) => {
    const durationUs = Math.round(atUsualSpeedUs * (name === "queue" ? 1 : slower));
    spans.push({ id: `s${spans.length}`, parentId: "s0", name, startUs: now, durationUs, attributes });
    if (name === "decode") spans.push(...operations(layers, `s${spans.length - 1}`, now, durationUs));
    now += durationUs;
  };
  leaf("receive", 640, { bytes: 412 });
  leaf("queue", 5300);
  leaf("dispatch", 410);
  leaf("template", 930, { messages: 2, characters: 312 });
  leaf("tokenize", 380, { tokens: 96 });
  leaf("prefill", 14_200, { tokens: 64, batch: 1 });
  leaf("wait", 2100, { reason: "another sequence" });
  leaf("prefill", 8100, { tokens: 32, batch: 2 });
  let firstText = 0;
  for (let token = 0; token < tokens; token++) {
    // Deterministic unevenness, so that medians and means differ.
    const wobble = (token * 7919) % 13;
    leaf("sample", 150 + wobble * 4, { token: 1000 + token });
    leaf("detokenize", 24 + wobble);
    if (firstText === 0) firstText = now;
    spans.push({ id: `s${spans.length}`, parentId: "s0", name: "stream write", startUs: now, durationUs: 260 + wobble * 30, attributes: { bytes: 180 + wobble } });
    if (token % 9 === 8) leaf("wait", 900 + wobble * 90, { reason: "another sequence" });
    leaf("decode", 3900 + wobble * 160, { index: token + 1, batch: 1 + (token % 3), position: 96 + token, ...(token % 5 === 4 && { drafted: 3, accepted: token % 3 }) });
  }
  leaf("return", 300);
  leaf("respond", 410);
  spans[0] = { ...root, durationUs: now + 60 };
  return {
    ...summary({ id, model, status, tokens, minutesAgo }, now + 60, firstText),
    prompt: "<|im_start|>system\nYou are Ember, a small model.<|im_end|>\n<|im_start|>user\nWhat is 17 + 25?<|im_end|>\n<|im_start|>assistant\n",
    completion: "17 + 25 = 42.",
    parameters: { temperature: 0.8, top_p: 0.95, top_k: 40, min_p: 0.05, seed: 20_261_123, max_tokens: 256 },
    reuse: null,
    speculation: null,
    template: "file",
    recording: "off",
    engine: { name: "llama", library: "llama.cpp v0.5.0", quantization: "Q8_0", path: "models/ember/ember-q8_0.gguf" },
    spans,
  };
}

/** The operations of one step: some for each layer, one after the other. */
function operations(layers: number, parentId: string, startUs: number, durationUs: number): Span[] {
  const parts = [["attn_q", "MUL_MAT", 4], ["attn_rope", "ROPE", 1], ["attn_out", "MUL_MAT", 4], ["ffn_up", "MUL_MAT", 6], ["ffn_norm", "RMS_NORM", 1]] as const;
  const weight = parts.reduce((sum, [, , part]) => sum + part, 0) * layers + 6;
  const spans: Span[] = [];
  let now = startUs;
  const add = (name: string, operator: string, part: number) => {
    const length = (durationUs * part) / weight;
    spans.push({ id: `${parentId}-${name}`, parentId, name: "operation", startUs: now, durationUs: length, attributes: { name, operator, provider: "CPU", shapes: "64x128,64x1", bytes: part * 8192, flops: part * 16_384 } });
    now += length;
  };
  for (let layer = 0; layer < layers; layer++) for (const [name, operator, part] of parts) add(`blk.${layer}.${name}`, operator, part);
  if (layers > 0) add("output", "MUL_MAT", 6);
  return spans;
}

function summary({ id, model, status, tokens, minutesAgo }: Pick<Required<SampleOptions>, "id" | "model" | "status" | "tokens" | "minutesAgo">, durationUs: number, ttftUs: number): TraceSummary {
  return {
    id, model, status, durationUs, ttftUs, route: "/v1/chat/completions", startedAt: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
    errorCode: status === "error" ? "decode_failed" : null, promptTokens: 96, completionTokens: tokens, tokensPerSecond: (tokens - 1) / ((durationUs - ttftUs) / 1e6),
  };
}

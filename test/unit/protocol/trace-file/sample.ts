import type { Span, Trace } from "../../../../protocol/trace.ts";

/** A request of three tokens, with text in every place where a trace has any. */
export function sampleTrace(changes: Partial<Trace> = {}): Trace {
  const spans: Span[] = [{ id: "0", parentId: null, name: "request", startUs: 0, durationUs: 10_000, attributes: {} }];
  const add = (id: string, parentId: string, name: string, startUs: number, durationUs: number, attributes: Span["attributes"] = {}): void => {
    spans.push({ id, parentId, name, startUs, durationUs, attributes });
  };
  add("prompt", "0", "prompt", 500, 3500);
  add("generate", "0", "generate", 4000, 5500);
  add("1", "0", "receive", 0, 120);
  add("2", "0", "queue", 120, 380, { position: 1, reason: "places" });
  add("3", "prompt", "template", 500, 400, { source: "/home/somebody/models/secret-template.jinja" });
  add("4", "prompt", "tokenize", 900, 100, { tokens: 24 });
  add("5", "prompt", "prefill", 1000, 3000, { tokens: 24, batch: 1, shared: true });
  for (let token = 0; token < 3; token += 1) {
    const atUs = 4000 + token * 1800;
    add(String(6 + token * 4), "generate", "sample", atUs, 40.5, { token: 100 + token, text: [" Paris", " is", " lovely"][token]! });
    add(String(7 + token * 4), "generate", "detokenize", atUs + 40.5, 9.5);
    add(String(8 + token * 4), "generate", "decode", atUs + 50, 1750, { batch: 2 });
    add(String(9 + token * 4), "0", "stream write", atUs + 50, 60);
  }
  add("18", "0", "respond", 9500, 500);
  return {
    id: "0198c0de-0000-7000-8000-00000000abcd", model: "ember", route: "/v1/chat/completions", startedAt: "2026-01-02T03:04:05.000Z", status: "ok", errorCode: null,
    durationUs: 10_000, promptTokens: 24, completionTokens: 3, ttftUs: 4100, tokensPerSecond: 555.5,
    reuse: { tokens: 8, source: "cached", reason: "differs", differs: { position: 8, cached: " London", prompt: " Paris" } },
    speculation: { drafted: 4, accepted: 2 },
    prompt: "<|user|>What is the capital of France?<|assistant|>", completion: " Paris is lovely",
    parameters: { temperature: 0.7, stop: ["confidential stop"], seed: 42, tools: [{ name: "lookup_customer" }] },
    engine: { name: "llama.cpp", library: "b1234", quantization: "Q8_0", path: "/home/somebody/models/ember.gguf", device: "cpu" }, template: "file", recording: "full",
    spans, ...changes,
  };
}

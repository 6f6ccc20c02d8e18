import type { Request } from "../trace-file/content.ts";
import type { SpanAttributes } from "../trace.ts";

/** OpenTelemetry's names for what a request to a generative model asked and answered. */

export function genAiOperation(route: string): string {
  if (route.includes("chat")) return "chat";
  if (route.includes("embedding")) return "embeddings";
  return route.includes("completion") || route.includes("infill") ? "text_completion" : "inference";
}

const parameterNames = {
  temperature: "gen_ai.request.temperature", top_p: "gen_ai.request.top_p", top_k: "gen_ai.request.top_k", max_tokens: "gen_ai.request.max_tokens", seed: "gen_ai.request.seed",
  frequency_penalty: "gen_ai.request.frequency_penalty", presence_penalty: "gen_ai.request.presence_penalty", n: "gen_ai.request.choice.count",
} as const;

export function genAiAttributes(request: Request): SpanAttributes {
  const parameters = Object.entries(parameterNames).flatMap(([name, key]): [string, number][] => {
    const value = request.parameters[name];
    return typeof value === "number" ? [[key, value]] : [];
  });
  const { stop } = request.parameters;
  return {
    "gen_ai.operation.name": genAiOperation(request.route), "gen_ai.provider.name": "inferno", "gen_ai.request.model": request.model, "gen_ai.response.id": request.id,
    ...Object.fromEntries(parameters),
    ...(Array.isArray(stop) && stop.length > 0 && { "gen_ai.request.stop_sequences": JSON.stringify(stop) }),
    "gen_ai.usage.input_tokens": request.promptTokens, "gen_ai.usage.output_tokens": request.completionTokens,
    "http.route": request.route, "inferno.status": request.status,
    ...(request.errorCode !== null && { "error.type": request.errorCode }),
    ...(request.ttftUs !== null && { "inferno.ttft_us": request.ttftUs }),
    ...(request.tokensPerSecond !== null && { "inferno.tokens_per_second": request.tokensPerSecond }),
    ...(request.reuse !== null && { "inferno.reuse.tokens": request.reuse.tokens, "inferno.reuse.source": request.reuse.source, "inferno.reuse.reason": request.reuse.reason }),
    ...(request.speculation !== null && { "inferno.speculation.drafted": request.speculation.drafted, "inferno.speculation.accepted": request.speculation.accepted }),
    ...(request.engine !== null && { "inferno.engine": request.engine.name, "inferno.library": request.engine.library, "inferno.quantization": request.engine.quantization }),
    ...(request.prompt !== null && { "inferno.prompt": request.prompt }),
    ...(request.completion !== null && { "inferno.completion": request.completion }),
  };
}

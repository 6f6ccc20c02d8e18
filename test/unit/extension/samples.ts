import type { ModelStatus } from "../../../protocol/api/inferno.ts";
import type { TraceSummary } from "../../../protocol/trace.ts";
import type { Translate } from "../../../extension/translate.ts";

export const model = (changes: Partial<ModelStatus> = {}): ModelStatus => ({
  name: "ember", task: "chat", source: "/models/ember.gguf", origin: "embedded", state: "unloaded", progress: null, pid: null, rssBytes: null,
  running: 0, queued: 0, tokensPerSecond: null, context: null, memory: null, info: null, error: null, ...changes,
});

export const trace = (changes: Partial<TraceSummary> = {}): TraceSummary => ({
  id: "t1", model: "ember", route: "/v1/chat/completions", startedAt: "2026-01-02T03:04:05.000Z", status: "ok", errorCode: null,
  durationUs: 1_234_000, promptTokens: 18, completionTokens: 10, ttftUs: 55_300, tokensPerSecond: 252.4, ...changes,
});

/** As `vscode.l10n.t` without a translation. */
export const english: Translate = (message, ...values) => message.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));

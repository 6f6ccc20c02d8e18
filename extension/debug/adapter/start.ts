import type { z } from "zod";
import type { DebugStart } from "../../../protocol/api/debug.ts";
import { ChatCompletionRequest, CompletionRequest } from "../../../protocol/api/openai.ts";
import { AttachConfiguration, LaunchConfiguration } from "../../../protocol/debugger.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Translate } from "../../translate.ts";

export interface Beginning {
  readonly start: DebugStart;
  readonly stopOnEntry: boolean;
}

/** What a configuration asks the daemon for. Throws `invalid_request`. */
export function launchOf(raw: unknown, t: Translate): Beginning {
  const { stopOnEntry, trace, turns, body: more, messages, prompt, ...fields } = read(LaunchConfiguration, raw);
  if (trace !== undefined) return { stopOnEntry, start: { kind: "replay", trace, breakpoints: [] } };
  if (fields.model === undefined) throw wrong(t("The configuration names no `model`."));
  const body = { ...more, ...fields };
  if (messages !== undefined) return { stopOnEntry, start: { kind: "chat", request: read(ChatCompletionRequest, { ...body, messages }), turns, breakpoints: [] } };
  if (prompt !== undefined) return { stopOnEntry, start: { kind: "completion", request: read(CompletionRequest, { ...body, prompt }), breakpoints: [] } };
  throw wrong(t("The configuration has no `messages`, no `prompt` and no `trace`: there is nothing to debug."));
}

export function attachOf(raw: unknown): Beginning {
  const { stopOnEntry, trace } = read(AttachConfiguration, raw);
  return { stopOnEntry, start: { kind: "attach", trace, breakpoints: [] } };
}

function read<T>(schema: z.ZodType<T>, raw: unknown): T {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");
  throw wrong(said);
}

const wrong = (message: string): InfernoError => new InfernoError("invalid_request", message, { hint: "docs/guides/debug-adapter.md lists what a configuration may hold." });

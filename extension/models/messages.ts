import type { ChatMessage } from "../../protocol/api/openai.ts";
import { InfernoError } from "../../protocol/errors.ts";

/** A message as VS Code hands it over, in the terms that matter here; its own classes stay in the provider. */
export interface EditorMessage {
  readonly role: "user" | "assistant";
  readonly parts: readonly EditorPart[];
}

export type EditorPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "toolCall"; readonly id: string; readonly name: string; readonly input: unknown }
  | { readonly kind: "toolResult"; readonly id: string; readonly text: string }
  | { readonly kind: "other" };

/** The editor's conversation as the daemon's. One message of the editor may hold several of ours: a tool's result stands alone. */
export function toChatMessages(messages: readonly EditorMessage[]): ChatMessage[] {
  const result = messages.flatMap(convert);
  if (result.length === 0) throw new InfernoError("invalid_request", "The conversation holds no text that this model can read.", { param: "messages" });
  return result;
}

function convert({ role, parts }: EditorMessage): ChatMessage[] {
  const text = parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("");
  const results = parts.flatMap((part): ChatMessage[] => (part.kind === "toolResult" ? [{ role: "tool", content: part.text, tool_call_id: part.id }] : []));
  if (role === "user") return [...results, ...(text === "" ? [] : [{ role: "user" as const, content: text }])];
  const calls = parts.flatMap((part) => (part.kind === "toolCall"
    ? [{ id: part.id, type: "function" as const, function: { name: part.name, arguments: JSON.stringify(part.input) } }]
    : []));
  if (text === "" && calls.length === 0) return [];
  return [{ role: "assistant", content: text, ...(calls.length === 0 ? {} : { tool_calls: calls }) }];
}

/** Without the tokenizer at hand: English text is close to four characters a token, other text has shorter tokens. Rather too many than too few. */
export function estimateTokens(text: string): number {
  const ascii = text.replaceAll(/[^\x20-\x7e\s]/g, "").length;
  return Math.ceil(ascii / 3.5 + (text.length - ascii));
}

/** How the context is shared between question and answer, for an editor that wants two numbers. */
export function contextShares(context: number): { readonly input: number; readonly output: number } {
  const output = Math.max(1, Math.floor(context / 4));
  return { input: Math.max(1, context - output), output };
}

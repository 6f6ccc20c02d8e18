import { isDeepStrictEqual } from "node:util";
import type { ChatCompletionRequest, ChatMessage } from "../../protocol/api/openai.ts";

type Tool = NonNullable<ChatCompletionRequest["tools"]>[number];

/** One line of eval.jsonl. */
export interface Row {
  readonly id: string;
  readonly task: string;
  readonly messages?: readonly RowMessage[];
  readonly tools?: Tool[];
  /** Fill in the middle: what comes before and after. */
  readonly prefix?: string;
  readonly suffix?: string;
  readonly expected?: string;
  readonly expected_call?: { readonly name: string; readonly arguments: unknown };
  /** Words that a story has to name. */
  readonly must?: readonly string[];
}

interface RowMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: unknown } }[];
}

/** The request that asks the row's question: chat through the model's template, or plain text for fill-in. */
export type RowRequest =
  | { readonly kind: "text"; readonly prompt: string }
  | { readonly kind: "chat"; readonly messages: ChatMessage[]; readonly tools?: Tool[] };

export function requestOf(row: Row): RowRequest {
  if (row.messages === undefined) {
    return { kind: "text", prompt: `<|fim_prefix|>${row.prefix ?? ""}<|fim_suffix|>${row.suffix ?? ""}<|fim_middle|>` };
  }
  return { kind: "chat", messages: row.messages.map(toMessage), ...(row.tools === undefined ? {} : { tools: row.tools }) };
}

function toMessage({ role, content, tool_calls: calls }: RowMessage): ChatMessage {
  if (role !== "assistant" || calls === undefined) return { role, content };
  // OpenAI's API carries arguments as text.
  return {
    role,
    content,
    tool_calls: calls.map((call) => ({ function: { name: call.function.name, arguments: JSON.stringify(call.function.arguments) } })),
  };
}

export interface RowAnswer {
  readonly text: string;
  readonly calls: readonly { readonly function: { readonly name: string; readonly arguments: string } }[];
  /** By itself, not by the limit of tokens. */
  readonly ended: boolean;
}

/** Exact match on the whole answer; one tool call by its parsed content; a story by its end and what it had to name. */
export function isRight(row: Row, { text, calls, ended }: RowAnswer): boolean {
  if (row.expected_call !== undefined) {
    const [call, ...more] = calls;
    return call !== undefined && more.length === 0 && isDeepStrictEqual({ name: call.function.name, arguments: parse(call.function.arguments) }, row.expected_call);
  }
  if (calls.length > 0) return false;
  if (row.task === "story") {
    return ended && text.length > 120 && (row.must ?? []).every((word) => text.toLowerCase().includes(word.toLowerCase()));
  }
  return ended && (row.expected === undefined || text === row.expected);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

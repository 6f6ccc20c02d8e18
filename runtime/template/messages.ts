import type { ChatMessage } from "../../protocol/api/openai.ts";

/** Messages as chat templates written for Hugging Face's tokenizers expect them. They ask `is defined`, which a null would be. */
export function templateMessages(messages: readonly ChatMessage[], knowsDeveloper: boolean): Record<string, unknown>[] {
  return messages.map((message) => ({
    ...Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null)),
    role: message.role === "developer" && !knowsDeveloper ? "system" : message.role,
    content: flatten(message),
    ...(message.role === "assistant" && message.tool_calls && { tool_calls: message.tool_calls.map(templateToolCall) }),
  }));
}

/** Templates test `content is none` for a message that only calls tools; anywhere else they add strings to it. */
function flatten(message: ChatMessage): string | null {
  const { content } = message;
  if (typeof content === "string") return content;
  if (content) return content.map((part) => part.text).join("");
  return message.role === "assistant" && message.tool_calls?.length ? null : "";
}

type ToolCall = NonNullable<Extract<ChatMessage, { role: "assistant" }>["tool_calls"]>[number];

/**
 * OpenAI's API carries a call's arguments as a string of JSON, templates expect the object: they write it with `tojson`,
 * in the spacing that the model was trained on. A string that is not an object stays as it is.
 */
function templateToolCall(call: ToolCall): Record<string, unknown> {
  return { ...call, type: "function", function: { name: call.function.name, arguments: parseObject(call.function.arguments) } };
}

function parseObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : text;
  } catch {
    return text;
  }
}

import type { z } from "zod";
import type { ChatMessage, Tool } from "../../protocol/api/openai.ts";

/**
 * Messages as chat templates written for Hugging Face's tokenizers expect them. They ask `is defined`, which a null would be.
 * `nothing` is the content of a message that only calls tools: some templates test `content is none`, others search it as text.
 */
export function templateMessages(messages: readonly ChatMessage[], knowsDeveloper: boolean, nothing: null | ""): Record<string, unknown>[] {
  return messages.map((message) => ({
    ...Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null)),
    role: message.role === "developer" && !knowsDeveloper ? "system" : message.role,
    content: flatten(message, nothing),
    ...(message.role === "assistant" && message.tool_calls && { tool_calls: message.tool_calls.map(templateToolCall) }),
  }));
}

function flatten(message: ChatMessage, nothing: null | ""): string | null {
  const { content } = message;
  if (typeof content === "string") return content;
  if (content) return content.map((part) => part.text).join("");
  return message.role === "assistant" && message.tool_calls?.length ? nothing : "";
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

/** Tools as the models were trained on them: without `strict`, which is not theirs to read, and without nulls, which `tojson` would write. */
export function templateTools(tools: readonly z.infer<typeof Tool>[]): Record<string, unknown>[] {
  return tools.map(({ type, function: { name, description, parameters } }) => ({
    type, function: { name, ...(description && { description }), ...(parameters && { parameters }) },
  }));
}

import type { ChatMessage, Tool } from "../../protocol/api/openai.ts";
import type { z } from "zod";
import type { ChatTemplate } from "./chat-template.ts";
import type { ToolSyntax } from "./tool-syntax.ts";

type ToolDefinition = z.infer<typeof Tool>;

/** For templates that know no tools: they are described in the system message, and calls are written as most models have seen them somewhere. */
export const genericSyntax: ToolSyntax = {
  family: "generic",
  begin: '<tool_call>\n{"name": "',
  middle: '", "arguments": ',
  tail: "}\n</tool_call>",
  joint: '}\n</tool_call>\n<tool_call>\n{"name": "',
  trigger: "<tool_call>",
  onlyAtStart: false,
};

/** The conversation in the words of a template that knows neither tools nor calls nor their results. */
export function describeTools(messages: readonly ChatMessage[], tools: readonly ToolDefinition[], template: ChatTemplate): ChatMessage[] {
  const described = messages.map(withoutCalls);
  const [first, ...rest] = described;
  if (tools.length === 0) return merged(described);
  const text = instructions(tools);
  const isSystem = first?.role === "system" || first?.role === "developer";
  if (first !== undefined && isSystem) return merged([{ ...first, content: `${textOf(first)}\n\n${text}` }, ...rest]);
  if (takesSystemMessage(template)) return merged([{ role: "system", content: text }, ...described]);
  return merged([{ role: "user", content: text }, ...described]);
}

function instructions(tools: readonly ToolDefinition[]): string {
  const list = tools.map(({ function: { name, description, parameters } }) => JSON.stringify({ name, description, parameters }));
  return [
    "You can call these functions, given as JSON with the schema of their parameters:",
    ...list,
    "To call one, answer with its name and a JSON object of arguments, exactly so:",
    `${genericSyntax.begin}NAME${genericSyntax.middle}{…}${genericSyntax.tail}`,
    "Its result then comes within <tool_response></tool_response>. Answer without a call when no function helps.",
  ].join("\n");
}

function withoutCalls(message: ChatMessage): ChatMessage {
  if (message.role === "tool") return { role: "user", content: `<tool_response>\n${textOf(message)}\n</tool_response>` };
  if (message.role !== "assistant" || !message.tool_calls?.length) return message;
  const { begin, middle, tail } = genericSyntax;
  const calls = message.tool_calls.map((call) => `${begin}${call.function.name}${middle}${call.function.arguments}${tail}`);
  return { role: "assistant", content: [textOf(message), ...calls].filter((text) => text !== "").join("\n") };
}

/** Such templates often want users and assistants to take turns: several results, or a result and a question, become one message. */
function merged(messages: readonly ChatMessage[]): ChatMessage[] {
  const turns: ChatMessage[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last?.role === "user" && message.role === "user") turns[turns.length - 1] = { ...last, content: `${textOf(last)}\n\n${textOf(message)}` };
    else turns.push(message);
  }
  return turns;
}

function takesSystemMessage(template: ChatTemplate): boolean {
  const probe = "PROBE SYSTEM";
  try {
    return template.render({ messages: [{ role: "system", content: probe }, { role: "user", content: "Hello" }], tools: [] }).includes(probe);
  } catch {
    return false;
  }
}

const textOf = ({ content }: ChatMessage): string => (typeof content === "string" ? content : (content ?? []).map((part) => part.text).join(""));

import type { ChatCompletionRequest } from "../../../protocol/api/openai.ts";
import type { ContextOverflow } from "../../../protocol/config.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { GenerateRequest, OutputFormat, StepRange, ToolChoice } from "../../host/messages.ts";

type Body = Pick<ChatCompletionRequest, "response_format" | "grammar" | "n" | "priority" | "timeout_ms" | "lora" | "cache_prompt" | "speculate" | "profile"> & {
  readonly overflow?: ContextOverflow | null | undefined;
};
type Handling = Pick<GenerateRequest, "choices" | "priority" | "timeoutMs" | "output" | "adapters" | "overflow" | "cachePrompt" | "speculate" | "profile">;

/** What both of OpenAI's routes say beside prompt and sampling. */
export function resolveHandling(body: Body, config: { readonly overflow: ContextOverflow }): Handling {
  return {
    choices: body.n ?? 1,
    priority: body.priority ?? 0,
    timeoutMs: body.timeout_ms ?? null,
    output: outputOf(body),
    adapters: body.lora ?? [],
    overflow: body.overflow ?? config.overflow,
    cachePrompt: body.cache_prompt ?? true,
    speculate: body.speculate ?? true,
    ...(body.profile && { profile: stepsOf(body.profile) }),
  };
}

function stepsOf(profile: NonNullable<Body["profile"]>): StepRange {
  if (profile === "ops") return { from: 0, to: null };
  const [from, to] = profile.ops.steps;
  return { from, to };
}

function outputOf({ response_format: format, grammar }: Pick<Body, "response_format" | "grammar">): OutputFormat {
  if (!format || format.type === "text") return grammar ? { kind: "grammar", gbnf: grammar } : { kind: "text" };
  if (grammar) throw new InfernoError("invalid_request", "grammar: cannot be combined with response_format.", { param: "grammar" });
  if (format.type === "json_object") return { kind: "json" };
  return { kind: "schema", name: format.json_schema.name, schema: format.json_schema.schema };
}

/** The tools and whether they may be called. Throws `invalid_request` for a choice that no tool fits. */
export function resolveTools(body: Pick<ChatCompletionRequest, "tools" | "tool_choice" | "parallel_tool_calls">): {
  readonly tools: NonNullable<ChatCompletionRequest["tools"]>; readonly toolChoice: ToolChoice; readonly parallelToolCalls: boolean;
} {
  const tools = body.tools ?? [];
  const choice = body.tool_choice ?? "auto";
  const toolChoice: ToolChoice = typeof choice === "object" ? { name: choice.function.name } : choice;
  if (toolChoice !== "auto" && toolChoice !== "none" && tools.length === 0) {
    throw new InfernoError("invalid_request", "tool_choice: there are no tools to choose from.", { param: "tool_choice", hint: "Send `tools`." });
  }
  const names = tools.map((tool) => tool.function.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InfernoError("invalid_request", `tools: two functions are called "${twice}".`, { param: "tools" });
  if (typeof toolChoice === "object" && !names.includes(toolChoice.name)) {
    throw new InfernoError("invalid_request", `tool_choice: no tool is called "${toolChoice.name}".`, { param: "tool_choice", hint: `Name one of ${names.join(", ")}.` });
  }
  return { tools, toolChoice, parallelToolCalls: body.parallel_tool_calls ?? true };
}

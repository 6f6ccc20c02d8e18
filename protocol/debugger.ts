import { z } from "zod";
import { samplingFields } from "./api/openai.ts";

/** The debugger of VS Code. `contributes.debuggers` is generated from here, and the adapter reads its configuration with the same schemas. */
export const debuggerType = "inferno";

/** The document that shows a branch's tokens, one a line. */
export const tokenDocument = { scheme: "inferno-tokens", language: "inferno-tokens", extension: ".inferno-tokens" } as const;

const describe = (description: string) => ({ description });
const common = { stopOnEntry: z.boolean().default(true).meta(describe("Stop at the first token. Off: go on to the first breakpoint.")) };

/** Messages and tools are the API's: the daemon checks them. */
const Fields = z.array(z.looseObject({}));

export const LaunchConfiguration = z.object({
  ...common,
  model: z.string().min(1).optional().meta(describe("Name of the model to ask.")),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).optional().meta(describe("The conversation, as the API takes it: a chat is debugged.")),
  prompt: z.string().optional().meta(describe("A text to continue, in place of messages.")),
  turns: z.array(z.string()).default([]).meta(describe("What the user says next, after each answer.")),
  trace: z.string().min(1).optional().meta(describe("Id of a recorded trace to compute once more, in place of a new request.")),
  max_tokens: z.int().min(1).optional().meta(describe("Most tokens of the answer.")),
  tools: Fields.optional().meta(describe("Functions that the model may call, as the API takes them.")),
  body: z.record(z.string(), z.unknown()).default({}).meta(describe("Any other field of the request, such as `grammar` or `response_format`.")),
  ...samplingFields,
});
export type LaunchConfiguration = z.infer<typeof LaunchConfiguration>;

export const AttachConfiguration = z.object({
  ...common,
  trace: z.string().min(1).meta(describe("Id of the trace of a request in work.")),
});
export type AttachConfiguration = z.infer<typeof AttachConfiguration>;

/** What a launch.json is offered; labels and descriptions are localised under `debugger.snippet.<id>`. */
export const debuggerSnippets = {
  chat: {
    label: "Inferno: Debug a Chat", description: "Ask a model and go through its answer token by token.",
    body: { type: debuggerType, request: "launch", name: "Debug a chat", model: "ember", messages: [{ role: "user", content: "Tell me about the sun" }], temperature: 0.8, seed: 1, max_tokens: 100 },
  },
  replay: {
    label: "Inferno: Replay a Trace", description: "Compute a recorded request once more, token by token.",
    body: { type: debuggerType, request: "launch", name: "Replay a trace", trace: "" },
  },
  attach: {
    label: "Inferno: Attach to a Request", description: "Stop a request in work at its next token.",
    body: { type: debuggerType, request: "attach", name: "Attach to a request" },
  },
} as const;

/** Names that expressions may use at a token; docs/guides/debugging.md explains each. */
export const expressionNames = [
  "index", "id", "piece", "text", "probability", "logprob", "entropy", "latency_ms", "chosen_by", "tool_call", "is_end", "dead_end", "batch", "cells", "top", "found",
] as const;

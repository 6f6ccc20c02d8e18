import { randomInt } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { GenerationParams } from "../../protocol/model.ts";
import type { Backend } from "../backends/backend.ts";
import { OutputPlanner, type OutputPlan } from "../output/plan-output.ts";
import { compileChatTemplate, type ChatTemplate } from "../template/chat-template.ts";
import type { GenerateRequest, Prompt } from "./messages.ts";
import type { Timeline } from "./timeline.ts";

export interface PreparedPrompt {
  readonly text: string;
  readonly tokens: number[];
  /** Most tokens of the answer: what was asked for, or what the context leaves. */
  readonly limit: number;
  /** Tokens that were left out of the middle because the context is too short. */
  readonly truncated: number;
  /** As requested, with the grammar of the output's format. */
  readonly params: GenerationParams;
  /** How the answers are read. */
  readonly output: Pick<OutputPlan, "shownTokens" | "newParser">;
}

/** Nine letters or digits: Mistral's templates refuse other ids when a call comes back in the conversation. */
const newCallId = (): string => Array.from({ length: 9 }, () => randomInt(36).toString(36)).join("");

/** Characters; no vocabulary we know of has a longer token. */
const longestToken = 256;

/** Request to tokens: template, tokenize, check against the context. */
export class PromptPreparation {
  readonly #backend: Backend;
  readonly #clock: Clock;
  readonly #now: () => Date;
  readonly #planner: OutputPlanner;
  /** Compiled with the first request: a template takes milliseconds to parse and a request microseconds to render. */
  #template: ChatTemplate | undefined;

  constructor(backend: Backend, clock: Clock, now: () => Date) {
    this.#backend = backend;
    this.#clock = clock;
    this.#now = now;
    this.#planner = new OutputPlanner({ vocabulary: backend, schemaGrammar: backend.schemaGrammar, newCallId });
  }

  prepare(request: GenerateRequest, timeline: Timeline): PreparedPrompt {
    const { prompt, maxTokens, params, overflow } = request;
    const { context } = this.#backend.capacity;
    const param = prompt.kind === "messages" ? "messages" : "prompt";
    // A template took minutes over a hundred thousand messages, a tokenizer seconds over as many megabytes; every other request waits meanwhile.
    if (prompt.kind === "messages") refuseBeyond(context, prompt.messages.length, `${prompt.messages.length} messages`, param);
    const { text, output } = this.#render(request, timeline);
    refuseBeyond(context, Math.floor(text.length / longestToken), `${text.length} characters`, param);
    const tokens = this.#tokenize(prompt.kind, text, timeline);
    if (tokens.length === 0) {
      throw new InfernoError("invalid_request", "The prompt is empty, and this model has no token to begin a text with.", {
        param, hint: "Send at least one character.",
      });
    }
    if (tokens.length >= context) {
      const message = `The prompt has ${tokens.length} tokens; the model's context holds ${context}, prompt and answer together.`;
      throw new InfernoError("context_length_exceeded", message, { param });
    }
    const room = overflow === "shift" ? Infinity : context - tokens.length;
    return { text, tokens, limit: Math.min(maxTokens ?? Infinity, room), truncated: 0, params: { ...params, grammar: output.grammar ?? params.grammar }, output };
  }

  #render(request: GenerateRequest, timeline: Timeline): { readonly text: string; readonly output: OutputPlan } {
    if (request.prompt.kind === "text") return { text: request.prompt.text, output: this.#planner.plan(request, null) };
    try {
      this.#template ??= this.#compile();
      const output = this.#planner.plan(request, this.#template);
      return { text: this.#template.render(output.conversation ?? request.prompt), output };
    } finally {
      timeline.mark("template", this.#clock.nowUs());
    }
  }

  #compile(): ChatTemplate {
    const { chatTemplate, name, bosToken, eosToken } = this.#backend.model;
    if (chatTemplate === null) throw new InfernoError("template_missing", `The model file of "${name}" carries no chat template.`, { param: "messages" });
    return compileChatTemplate({ source: chatTemplate, bosToken, eosToken, now: this.#now });
  }

  #tokenize(kind: Prompt["kind"], text: string, timeline: Timeline): number[] {
    const { bosToken } = this.#backend.model;
    // Most templates write the BOS token themselves; the vocabulary's rule would add a second one.
    const hasBos = kind === "messages" && bosToken !== "" && text.startsWith(bosToken);
    try {
      return this.#backend.tokenize(text, { addSpecial: !hasBos, parseSpecial: true });
    } finally {
      timeline.mark("tokenize", this.#clock.nowUs());
    }
  }
}

/** Refuses what is too long without counting its tokens: each of these parts is one at least. */
function refuseBeyond(context: number, parts: number, size: string, param: string): void {
  if (parts < context) return;
  const message = `The prompt has ${size}; the model's context holds ${context} tokens, prompt and answer together.`;
  throw new InfernoError("context_length_exceeded", message, { param });
}

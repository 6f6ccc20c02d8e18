import { randomInt } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { GenerationParams } from "../../protocol/model.ts";
import type { TemplateSource } from "../../protocol/trace-tokens.ts";
import type { Backend, BackendCapacity } from "../backends/backend.ts";
import { OutputPlanner, type OutputPlan } from "../output/plan-output.ts";
import { compileChatTemplate, type ChatTemplate } from "../template/chat-template.ts";
import { fillPrompt } from "./fill-prompt.ts";
import type { Gap, GenerateRequest, Prompt } from "./messages.ts";
import { firstFitting, shorterConversations, truncateMiddle, withoutMiddle } from "./truncate-middle.ts";
import type { Timeline } from "./timeline.ts";

export interface PreparedPrompt {
  readonly text: string;
  readonly tokens: number[];
  /** Most tokens of the answer: what was asked for, or what the context leaves. */
  readonly limit: number;
  readonly template: TemplateSource;
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

interface Encoded {
  readonly text: string;
  readonly tokens: number[];
  readonly output: OutputPlan;
}

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
    if (prompt.kind === "messages") refuseBeyond(this.#backend.capacity, prompt.messages.length, `${prompt.messages.length} messages`, param);
    const { text, tokens, truncated, output } = this.#fitted(request, timeline);
    if (tokens.length === 0) {
      throw new InfernoError("invalid_request", "The prompt is empty, and this model has no token to begin a text with.", {
        param, hint: "Send at least one character.",
      });
    }
    if (tokens.length >= context) throw tooLong(this.#backend.capacity, `${tokens.length} tokens`, param);
    const room = overflow === "shift" ? Infinity : context - tokens.length;
    const template = prompt.kind === "messages" ? "file" : "none";
    return { text, tokens, template, limit: Math.min(maxTokens ?? Infinity, room), truncated, params: { ...params, grammar: output.grammar ?? params.grammar }, output };
  }

  /** The prompt's tokens; with `overflow: truncate_middle` no more than the context takes. */
  #fitted(request: GenerateRequest, timeline: Timeline): Encoded & { readonly truncated: number } {
    const { prompt, overflow, maxTokens } = request;
    const { context } = this.#backend.capacity;
    // Room for the answer too: a prompt that fills the context to its end gets none.
    const room = overflow === "truncate_middle" ? context - Math.max(1, Math.min(maxTokens ?? context, Math.floor(context / 4))) : null;
    if (prompt.kind === "fill") return this.#filled(request, prompt.fill, room, timeline);
    const whole = this.#encode(request, prompt, timeline, room);
    if (room === null || whole.tokens.length <= room) return { ...whole, truncated: whole.unread };
    const shorter = prompt.kind === "messages" ? shorterConversations(prompt.messages).map((messages) => ({ ...prompt, messages })) : [];
    const fitting = firstFitting(shorter, (candidate) => this.#encode(request, candidate, timeline, room), ({ tokens, unread }) => unread === 0 && tokens.length <= room);
    if (fitting !== null) return { ...fitting, truncated: whole.unread + whole.tokens.length - fitting.tokens.length };
    const { tokens, dropped } = truncateMiddle(whole.tokens, room);
    return { ...whole, tokens, text: this.#textOf(tokens), truncated: whole.unread + dropped };
  }

  /** `room`: tokens of which the rest may be left out of the middle; null where nothing may. `unread`: about so many were left out already. */
  #encode(request: GenerateRequest, prompt: Exclude<Prompt, { kind: "fill" }>, timeline: Timeline, room: number | null): Encoded & { readonly unread: number } {
    const { text: rendered, output } = this.#render({ ...request, prompt }, timeline);
    const text = room === null ? rendered : withoutMiddle(rendered, room, longestToken);
    refuseBeyond(this.#backend.capacity, Math.floor(text.length / longestToken), `${text.length} characters`, prompt.kind === "messages" ? "messages" : "prompt");
    const tokens = this.#tokenize(prompt.kind, text, timeline);
    return { text, tokens, output, unread: Math.round((tokens.length * (rendered.length - text.length)) / Math.max(1, text.length)) };
  }

  #filled(request: GenerateRequest, gap: Gap, room: number | null, timeline: Timeline): Encoded & { readonly truncated: number } {
    const { fill, model, capacity } = this.#backend;
    if (fill === undefined) {
      throw new InfernoError("model_task_mismatch", `"${model.name}" cannot fill gaps: its vocabulary has no tokens for that.`, { param: "model", hint: "Use a code model with fill-in-the-middle tokens, or the embedded model." });
    }
    const characters = gap.prefix.length + gap.suffix.length + gap.beginning.length + gap.files.reduce((sum, { text }) => sum + text.length, 0);
    refuseBeyond(capacity, Math.floor(characters / longestToken), `${characters} characters`, "prompt");
    try {
      const { tokens, dropped } = fillPrompt(gap, fill, (text, options) => this.#backend.tokenize(text, options), room);
      return { text: this.#textOf(tokens), tokens, truncated: dropped, output: this.#planner.plan(request, null) };
    } finally {
      timeline.mark("tokenize", this.#clock.nowUs());
    }
  }

  #textOf(tokens: readonly number[]): string {
    return Buffer.concat(tokens.map((token) => this.#backend.tokenBytes(token, true))).toString("utf8");
  }

  #render(request: GenerateRequest & { readonly prompt: Exclude<Prompt, { kind: "fill" }> }, timeline: Timeline): { readonly text: string; readonly output: OutputPlan } {
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
function refuseBeyond(capacity: BackendCapacity, parts: number, size: string, param: string): void {
  if (parts >= capacity.context) throw tooLong(capacity, size, param);
}

function tooLong({ context, cells }: BackendCapacity, size: string, param: string): InfernoError {
  const message = `The prompt has ${size}; the model's context holds ${context} tokens, prompt and answer together.`;
  // A context of more tokens than the whole cache has cells was cut to them.
  const cut = "Shorten the prompt, or raise `context` in inferno.yaml, and `kv_cells` where it is set: no request holds more tokens than there are cells.";
  return new InfernoError("context_length_exceeded", message, { param, ...(context === cells && { hint: cut }) });
}

import { Template } from "@huggingface/jinja";
import type { z } from "zod";
import type { ChatMessage, Tool } from "../../protocol/api/openai.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { templateMessages, templateTools } from "./messages.ts";
import { strftime } from "./strftime.ts";

export interface ChatTemplateOptions {
  /** Jinja source, as in `tokenizer.chat_template`. */
  readonly source: string;
  readonly bosToken: string;
  readonly eosToken: string;
  /** The calendar time, for templates that tell the model today's date. */
  readonly now: () => Date;
}

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly z.infer<typeof Tool>[];
  /** False: the conversation ends with the assistant's answer, nothing is to follow. Default true. */
  readonly open?: boolean | undefined;
}

/** A compiled chat template: the same variables, functions and whitespace rules as Hugging Face's `apply_chat_template`. */
export interface ChatTemplate {
  /** The prompt, up to where the assistant's answer begins. */
  render(conversation: Conversation): string;
}

export function compileChatTemplate({ source, bosToken, eosToken, now }: ChatTemplateOptions): ChatTemplate {
  const template = guard(() => new Template(ownFunctions + source));
  const knowsDeveloper = source.includes("developer");
  const renderWith = ({ messages, tools, open = true }: Conversation, nothing: null | ""): string => guard(() => template.render({
    messages: templateMessages(messages, knowsDeveloper, nothing),
    // Templates ask both `if tools` and `tools is not none`; an empty list would answer the second wrongly.
    tools: tools.length > 0 ? templateTools(tools) : null,
    add_generation_prompt: open,
    bos_token: bosToken,
    eos_token: eosToken,
    inferno_range: range,
    inferno_strftime_now: (format: string) => strftime(now(), format),
    inferno_raise_exception: (reason: string) => {
      throw new Refusal(reason);
    },
  }));
  return {
    render: (conversation) => {
      try {
        return renderWith(conversation, null);
      } catch (error) {
        // The one kind of message that the template may have failed over because it wants an empty text where others want none.
        if (!conversation.messages.some((message) => message.role === "assistant" && !message.content && message.tool_calls?.length)) throw error;
        return renderWith(conversation, "");
      }
    },
  };
}

/**
 * The library brings these three functions itself and lets nobody declare them again, but a template may assign them.
 * Each line leaves no text behind: the newline after a block is trimmed.
 */
const ownFunctions = ["range", "strftime_now", "raise_exception"].map((name) => `{% set ${name} = inferno_${name} %}\n`).join("");

/** The template itself refused: `raise_exception("…")`. */
class Refusal extends Error {}

/** Templates come out of model files: one that counts to a billion must not take the memory for it. */
const longestRange = 1_000_000;

function range(first: number, second?: number, step = 1): number[] {
  const [start, end] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((end - start) / step));
  if (!(length <= longestRange)) throw new Error(`range() of ${length} numbers, more than ${longestRange}`);
  return Array.from({ length }, (_, index) => start + index * step);
}

function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof Refusal) throw new InfernoError("template_failed", `The model's chat template refused the messages: ${reason}`, { param: "messages" });
    throw new InfernoError("template_failed", `The model's chat template failed: ${reason}`, { param: "messages", cause: error });
  }
}

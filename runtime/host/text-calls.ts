import { InfernoError } from "../../protocol/errors.ts";
import type { Backend } from "../backends/backend.ts";
import { compileChatTemplate, type ChatTemplate } from "../template/chat-template.ts";
import type { HostCall, HostCalls } from "./messages.ts";

/** What tokenizing needs of a model, whatever else it is for. */
export type TextModel = Pick<Backend, "model" | "tokenize" | "tokenBytes">;

export type TextCall = Extract<HostCall, { kind: "tokenize" | "detokenize" | "template" }>;

export const isTextCall = (call: HostCall): call is TextCall => call.kind === "tokenize" || call.kind === "detokenize" || call.kind === "template";

/** Calls that need the vocabulary and the template only: done at once, whatever the model is for. */
export class TextCalls {
  readonly #model: TextModel;
  readonly #now: () => Date;
  #template: ChatTemplate | undefined;

  constructor(model: TextModel, now: () => Date) {
    this.#model = model;
    this.#now = now;
  }

  answer(call: TextCall): HostCalls[TextCall["kind"]]["answered"] {
    switch (call.kind) {
      case "tokenize": {
        const { text, addSpecial, parseSpecial } = call;
        const tokens = this.#model.tokenize(text, { addSpecial, parseSpecial });
        return { tokens, pieces: tokens.map((token) => this.#model.tokenBytes(token, true)) };
      }
      case "detokenize":
        return { bytes: Buffer.concat(call.tokens.map((token, index) => this.#bytesOf(token, `tokens.${index}`))) };
      case "template":
        return { prompt: this.#render(call) };
      default:
        return call satisfies never;
    }
  }

  #bytesOf(token: number, param: string): Uint8Array {
    checkToken(this.#model, token, param);
    return this.#model.tokenBytes(token, true);
  }

  #render({ messages, tools }: Extract<TextCall, { kind: "template" }>): string {
    const { chatTemplate, name, bosToken, eosToken } = this.#model.model;
    if (chatTemplate === null) throw new InfernoError("template_missing", `The model file of "${name}" carries no chat template.`, { param: "messages" });
    this.#template ??= compileChatTemplate({ source: chatTemplate, bosToken, eosToken, now: this.#now });
    return this.#template.render({ messages, tools });
  }
}

/** Throws `invalid_request` for a number that is no token of the vocabulary: native code would end the process. */
export function checkToken({ model: { vocabulary } }: TextModel, token: number, param: string): void {
  if (Number.isInteger(token) && token >= 0 && token < vocabulary) return;
  throw new InfernoError("invalid_request", `${param}: ${token} is no token: the vocabulary has the tokens 0 to ${vocabulary - 1}.`, { param });
}

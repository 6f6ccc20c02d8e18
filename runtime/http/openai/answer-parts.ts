import type { FinishReason } from "../../../protocol/api/openai.ts";
import type { GenerationEvent, TokenRecord, ToolCallDelta } from "../../host/messages.ts";
import type { Choice } from "./shape.ts";

interface Part {
  text: string;
  readonly tokens: TokenRecord[];
  readonly calls: ToolCallDelta[];
  reason: FinishReason;
}

/** Collects a request's answers out of events that come in any order of the choices. */
export class AnswerParts {
  readonly #parts: Part[] = [];

  get choices(): readonly Choice[] {
    return this.#parts;
  }

  take(event: GenerationEvent): void {
    if (event.type !== "text" && event.type !== "finish") return;
    const part = (this.#parts[event.choice] ??= { text: "", tokens: [], calls: [], reason: "stop" });
    if (event.type === "finish") {
      part.reason = event.reason;
      return;
    }
    part.text += event.text;
    part.tokens.push(...event.tokens);
    part.calls.push(...(event.calls ?? []));
  }
}

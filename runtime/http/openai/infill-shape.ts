import type { FinishReason, Timings, Usage } from "../../../protocol/api/openai.ts";
import type { Infill } from "../../../protocol/api/tasks.ts";
import type { AnswerShape } from "./shape.ts";

/** The answer to /infill, in llama-server's words. */
export function infillShape(model: string): AnswerShape<Infill, Infill> {
  const end = (reason: FinishReason): Pick<Infill, "stop" | "stop_type" | "model"> => ({ stop: true, stop_type: reason === "length" ? "limit" : "eos", model });
  const counts = ({ prompt_tokens, completion_tokens }: Usage) => ({ tokens_evaluated: prompt_tokens, tokens_predicted: completion_tokens });
  return {
    first: () => null,
    piece: ({ text }) => (text === "" ? null : { content: text, stop: false, model }),
    finish: (_choice, reason, timings: Timings | null) => ({ content: "", ...end(reason), ...(timings && { timings }) }),
    usage: (usage) => ({ content: "", stop: true, model, ...counts(usage) }),
    whole: ([choice], usage, timings) => ({ content: choice?.text ?? "", ...end(choice?.reason ?? "stop"), ...counts(usage), timings }),
  };
}

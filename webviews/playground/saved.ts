import { z } from "zod";
import { FinishReason, Timings, Usage } from "../../protocol/api/openai.ts";
import { ErrorBody } from "../../protocol/errors.ts";
import { PlaygroundSampling } from "../../protocol/panels/playground.ts";
import { initialPlayground, type PlaygroundState } from "./model.ts";

/** What survives a reload. Checked when it is read: another version of the panel may have written it. */
const Outcome = z.discriminatedUnion("type", [
  z.object({ type: z.literal("streaming") }),
  z.object({ type: z.literal("finished"), reason: FinishReason, usage: Usage, timings: Timings }),
  z.object({ type: z.literal("stopped") }),
  z.object({ type: z.literal("failed"), error: ErrorBody.shape.error }),
]);

const Saved = z.object({
  model: z.string().nullable(),
  system: z.string(),
  draft: z.string(),
  sampling: PlaygroundSampling,
  exchanges: z.array(z.object({ id: z.int(), question: z.string(), model: z.string(), answer: z.string(), outcome: Outcome })),
  nextId: z.int(),
});
export type Saved = z.infer<typeof Saved>;

export function toSaved({ model, system, draft, sampling, exchanges, nextId }: PlaygroundState): Saved {
  return { model, system, draft, sampling, exchanges: [...exchanges], nextId };
}

/** The state that the page starts with. An answer that was cut off by the reload counts as stopped: nobody listens to it any more. */
export function fromSaved(value: unknown): PlaygroundState {
  const saved = Saved.safeParse(value);
  if (!saved.success) return initialPlayground;
  const exchanges = saved.data.exchanges.map((exchange) => (exchange.outcome.type === "streaming" ? { ...exchange, outcome: { type: "stopped" as const } } : exchange));
  return { ...initialPlayground, ...saved.data, exchanges };
}

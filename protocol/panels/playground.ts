import { z } from "zod";
import { ModelStatus } from "../api/inferno.ts";
import { FinishReason, Timings, Usage } from "../api/openai.ts";
import { ErrorBody } from "../errors.ts";

/** Messages of the Playground panel, named by direction. The other end is `PlaygroundSession`, in VS Code as in a browser. */

export const ChatTurn = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
export type ChatTurn = z.infer<typeof ChatTurn>;

/** Absent fields take the model's defaults. */
export const PlaygroundSampling = z.object({
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  min_p: z.number().optional(),
  seed: z.int().optional(),
  max_tokens: z.int().optional(),
});
export type PlaygroundSampling = z.infer<typeof PlaygroundSampling>;

export const FromPlayground = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("refresh") }),
  z.object({ type: z.literal("send"), id: z.int(), model: z.string(), turns: z.array(ChatTurn), sampling: PlaygroundSampling }),
  z.object({ type: z.literal("stop"), id: z.int() }),
  z.object({ type: z.literal("openTrace"), traceId: z.string() }),
  z.object({ type: z.literal("openTokens"), traceId: z.string() }),
]);
export type FromPlayground = z.infer<typeof FromPlayground>;

export const ToPlayground = z.discriminatedUnion("type", [
  z.object({ type: z.literal("models"), models: z.array(ModelStatus) }),
  z.object({ type: z.literal("select"), model: z.string() }),
  z.object({ type: z.literal("offline"), error: ErrorBody }),
  z.object({ type: z.literal("text"), id: z.int(), text: z.string() }),
  z.object({ type: z.literal("finished"), id: z.int(), reason: FinishReason, usage: Usage, timings: Timings }),
  /** The text that had arrived stays; `error.code` is `request_cancelled` after a stop. */
  z.object({ type: z.literal("failed"), id: z.int(), error: ErrorBody }),
]);
export type ToPlayground = z.infer<typeof ToPlayground>;

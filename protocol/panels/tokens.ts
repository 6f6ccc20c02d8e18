import { z } from "zod";
import { DebugState, DebugToken } from "../api/debug.ts";
import { ErrorBody } from "../errors.ts";
import { Trace, TraceSummary } from "../trace.ts";
import { TraceTokens } from "../trace-tokens.ts";

/** Messages of the Token panel, named by direction. The other end is `TokensSession`, in VS Code as in a browser. */

/** Sampling of a fork, from its first token on; absent fields stay as they were. */
export const ForkSampling = z.object({
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  min_p: z.number().optional(),
  seed: z.int().optional(),
});
export type ForkSampling = z.infer<typeof ForkSampling>;

/** What is to be otherwise at a token: one of these, or only the sampling. */
export const ForkChoice = z.object({ choose: z.int().optional(), text: z.string().optional(), sampling: ForkSampling.optional() });
export type ForkChoice = z.infer<typeof ForkChoice>;

/** A token of an answer: `trace` names the branch. */
const place = { trace: z.string(), token: z.int().min(0) };

export const FromTokens = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("list") }),
  z.object({ type: z.literal("open"), traceId: z.string() }),
  /** Computes the request once more, if that has not been done, and shows the choice of this token stage by stage. */
  z.object({ type: z.literal("look"), ...place }),
  z.object({ type: z.literal("fork"), ...place, choice: ForkChoice }),
  /** Stops what the debug session is doing; what is there by then stays. */
  z.object({ type: z.literal("stop") }),
  /** Stops the request in work that is shown, at its next token. */
  z.object({ type: z.literal("pause") }),
  z.object({ type: z.literal("step"), count: z.int().min(1) }),
  /** Ends the debug session: a request that was paused goes on. */
  z.object({ type: z.literal("end") }),
  /** Shows the trace in the Flame panel, at this moment. */
  z.object({ type: z.literal("flame"), traceId: z.string(), atUs: z.number().nullable() }),
]);
export type FromTokens = z.infer<typeof FromTokens>;

/** The request before this one that began most like it: what its prompt was compared with. */
export const EarlierPrompt = z.object({ trace: TraceSummary, prompt: z.string(), completion: z.string() });
export type EarlierPrompt = z.infer<typeof EarlierPrompt>;

/** What the debug session is at; null when it stands, or when there is none. */
export const DebugWork = z.enum(["replay", "look", "fork", "pause", "step", "end"]);
export type DebugWork = z.infer<typeof DebugWork>;

export const ToTokens = z.discriminatedUnion("type", [
  z.object({ type: z.literal("traces"), traces: z.array(TraceSummary) }),
  /** Another trace, or the same one with more in it. */
  z.object({ type: z.literal("trace"), trace: Trace, tokens: TraceTokens }),
  /** What a request in work has come to meanwhile. */
  z.object({ type: z.literal("growth"), tokens: TraceTokens }),
  z.object({ type: z.literal("earlier"), traceId: z.string(), earlier: EarlierPrompt.nullable() }),
  z.object({ type: z.literal("debug"), state: DebugState.nullable(), work: DebugWork.nullable() }),
  /** The tokens of a branch of the debug session. */
  z.object({ type: z.literal("branch"), tokens: TraceTokens }),
  z.object({ type: z.literal("closer"), token: DebugToken }),
  /** Why the debug session could not do what was asked. */
  z.object({ type: z.literal("refused"), error: ErrorBody }),
  z.object({ type: z.literal("failed"), error: ErrorBody }),
]);
export type ToTokens = z.infer<typeof ToTokens>;

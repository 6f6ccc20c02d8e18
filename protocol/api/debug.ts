import { z } from "zod";
import { ChatCompletionRequest, CompletionRequest, FinishReason, samplingFields } from "./openai.ts";
import { ErrorBody } from "../errors.ts";
import { chosenByNames, guessNames } from "../trace-tokens.ts";

/**
 * Debug sessions, under /api/v1/debug. A session holds one or more generations, its *branches*: each is a request of its own, with a trace, and stands
 * still whenever the session does. The *place* is a token that was chosen; going back only looks at an earlier one, going on beyond the last lets the model
 * choose. To choose otherwise at a place makes another branch, which goes on from the state of the KV cache and of the samplers at that place.
 */

const Expression = z.string().min(1).max(1000);

/** Where to stop. Each looks at a token right after it was chosen. */
export const DebugBreakpoint = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), pattern: z.string().min(1).max(1000).meta({ description: "Regular expression (that of the Flame panel's search). Stops at the token that completes a match in the answer's text." }) }),
  z.object({ kind: z.literal("token"), id: z.int().min(0) }),
  z.object({ kind: z.literal("probability"), below: z.number().min(0).max(1) }),
  z.object({ kind: z.literal("entropy"), above: z.number().min(0).meta({ description: "In nats." }) }),
  z.object({ kind: z.literal("latency"), aboveMs: z.number().min(0).meta({ description: "Time that the token took, from its step's beginning to its choice." }) }),
  z.object({ kind: z.literal("tool_call"), name: z.string().max(200).optional().meta({ description: "Only calls of this function." }) }),
  z.object({ kind: z.literal("grammar_dead_end") }).meta({ description: "The grammar refused what the samplers chose, or allowed no token at all." }),
  z.object({ kind: z.literal("truncation") }).meta({ description: "The answer ended because it ran out of tokens or of context, or its prompt was cut." }),
  z.object({ kind: z.literal("expression"), expression: Expression.meta({ description: "A condition in the Common Expression Language over what is known of the token: docs/guides/debugging.md lists the names." }) }),
]).meta({ id: "DebugBreakpoint" });
export type DebugBreakpoint = z.infer<typeof DebugBreakpoint>;
const Breakpoints = z.array(DebugBreakpoint).max(100);

const TraceIdField = z.string().min(1).max(100);

/** What a session begins with. */
const startFields = { breakpoints: Breakpoints.default([]) };
export const DebugStart = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("chat"), ...startFields, request: ChatCompletionRequest,
    turns: z.array(z.string().max(100_000)).max(100).default([]).meta({ description: "What the user says next, after each answer: the session goes on with it as a further turn." }),
  }),
  z.object({ kind: z.literal("completion"), ...startFields, request: CompletionRequest }),
  z.object({ kind: z.literal("replay"), ...startFields, trace: TraceIdField.meta({ description: "A finished request, to be computed once more." }) }),
  z.object({ kind: z.literal("attach"), ...startFields, trace: TraceIdField.meta({ description: "A request in work: it stops at its next token, and its client waits." }) }),
]).meta({ id: "DebugStart" });
export type DebugStart = z.infer<typeof DebugStart>;

export const DebugAction = z.discriminatedUnion("do", [
  z.object({ do: z.literal("step"), by: z.enum(["token", "turn"]).default("token"), count: z.int().min(1).max(100_000).default(1) })
    .meta({ description: "One token on, or to the end of the answer; at its end, into the next turn where there is one. `count` times." }),
  z.object({ do: z.literal("back"), by: z.enum(["token", "turn"]).default("token"), count: z.int().min(1).max(100_000).default(1) }),
  z.object({ do: z.literal("continue") }).meta({ description: "On to the next breakpoint, or to the end of the last turn." }),
  z.object({ do: z.literal("reverse") }).meta({ description: "Back to the breakpoint before, or to the first token." }),
  z.object({ do: z.literal("goto"), token: z.int().min(0) }).meta({ description: "To this token of the branch, back or on; breakpoints do not count." }),
  z.object({ do: z.literal("pause") }).meta({ description: "Stops a `continue`, `step` or `goto` in work, which is then answered." }),
  z.object({ do: z.literal("select"), trace: TraceIdField }).meta({ description: "Another branch, at its last token." }),
  z.object({
    do: z.literal("fork"), token: z.int().min(0).meta({ description: "The token to choose otherwise." }),
    choose: z.int().min(0).optional().meta({ description: "Id of the token to take in its place; absent: it is drawn again, which only makes sense with `sampling`." }),
    text: z.string().min(1).max(1000).optional().meta({ description: "In place of `choose`, a text of one token." }),
    sampling: z.object(samplingFields).optional().meta({ description: "Sampling from here on, where it differs." }),
  }).meta({ description: "A new branch, which stops at its first token of its own." }),
  z.object({ do: z.literal("breakpoints"), breakpoints: Breakpoints }),
  z.object({ do: z.literal("end") }).meta({ description: "Ends the session and all its requests; one that it was attached to goes on as if nothing had been." }),
]).meta({ id: "DebugAction" });
export type DebugAction = z.infer<typeof DebugAction>;

export const DebugBranch = z.object({
  trace: z.string().meta({ description: "Id of its request's trace, which names the branch." }),
  parent: z.object({ trace: z.string(), token: z.int().meta({ description: "The first token that is not the parent's; of a turn the parent's number of tokens." }) }).nullable(),
  kind: z.enum(["start", "fork", "turn"]),
  tokens: z.int().meta({ description: "Tokens chosen so far, those taken over from the parent included; the end token is one." }),
  over: z.union([FinishReason, z.literal("failed"), z.literal("cancelled")]).nullable().meta({ description: "Why it goes on no further; null while it can." }),
  error: ErrorBody.nullable(),
  text: z.string().meta({ description: "The answer's text so far." }),
}).meta({ id: "DebugBranch" });
export type DebugBranch = z.infer<typeof DebugBranch>;

export const DebugReplay = z.object({
  of: z.string().meta({ description: "The trace that was computed once more." }),
  compared: z.int().meta({ description: "Tokens compared so far." }),
  exact: z.boolean().meta({ description: "All of them are the same, and their log-probabilities too, bit by bit." }),
  firstDifference: z.int().nullable().meta({ description: "The first token that is another one; from there on the recorded tokens are not followed." }),
  reasons: z.array(z.string()).meta({ description: "What can make a difference: another file or library, a cached beginning, neighbours in a step. Empty where nothing is known to." }),
}).meta({ id: "DebugReplay" });
export type DebugReplay = z.infer<typeof DebugReplay>;

export const DebugState = z.object({
  id: z.string().meta({ description: "The session's id." }),
  model: z.string(),
  status: z.enum(["stopped", "running", "ended"]),
  reason: z.enum(["entry", "step", "breakpoint", "pause", "goto", "fork", "select", "end"]).meta({ description: "Why it stands where it stands; `end`: the answer is over." }),
  hits: z.array(z.int()).meta({ description: "Numbers, from 0, of the breakpoints that stopped it here." }),
  at: z.object({ trace: z.string(), token: z.int().nullable().meta({ description: "Null before the first one." }) }).meta({ description: "The place: the branch, and its token that was chosen last." }),
  branches: z.array(DebugBranch),
  breakpoints: z.array(DebugBreakpoint),
  turnsLeft: z.int(),
  attached: z.boolean().meta({ description: "The first branch belongs to somebody else's request." }),
  replay: DebugReplay.nullable(),
}).meta({ id: "DebugState" });
export type DebugState = z.infer<typeof DebugState>;

const Candidate = z.object({ id: z.int(), text: z.string(), logit: z.number(), probability: z.number().meta({ description: "Softmax over what is left at this stage." }) });

/** One sampler of the chain, as it left the candidates. */
export const DebugStage = z.object({
  name: z.string().meta({ description: "`logits` for what the model said, then the samplers in their order, as in docs/guides/sampling.md." }),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  kept: z.int().meta({ description: "Candidates left, those with a probability of 0 not counted." }),
  candidates: z.array(Candidate).meta({ description: "The best of them, best first." }),
  chosen: z.int().nullable().meta({ description: "The token that this stage chose; null where it chooses none." }),
}).meta({ id: "DebugStage" });
export type DebugStage = z.infer<typeof DebugStage>;

export const DebugToken = z.object({
  trace: z.string(), index: z.int(), id: z.int(), text: z.string(),
  probability: z.number().nullable(), logprob: z.number().nullable(), entropy: z.number().nullable(),
  chosenBy: z.enum(chosenByNames), guess: z.enum(guessNames),
  step: z.int(), batch: z.int(), cells: z.int(), poolCells: z.int(),
  latencyMs: z.number().nullable().meta({ description: "From its step's beginning, or the choice before, to its choice." }),
  toolCall: z.string().nullable().meta({ description: "Name of the call that the token is in." }),
  stages: z.array(DebugStage).nullable().meta({ description: "Null for tokens that were chosen before the session looked on." }),
  grammar: z.object({ refused: z.int().nullable().meta({ description: "The samplers' first choice, where the grammar refused it." }) }).nullable().meta({ description: "Null without a grammar." }),
}).meta({ id: "DebugToken" });
export type DebugToken = z.infer<typeof DebugToken>;

export const DebugSessionId = z.object({ id: z.string().min(1).max(100).meta({ description: "Debug session id." }) });
export const DebugTokenPlace = z.object({ id: z.string().min(1).max(100), token: z.coerce.number().int().min(0) });
export const DebugTokenQuery = z.object({ trace: TraceIdField.optional().meta({ description: "The branch; absent: the one that the session is in." }) });
export const DebugSessions = z.object({ sessions: z.array(DebugState) });
export const DebugEvaluate = z.object({ expression: Expression, trace: TraceIdField.optional(), token: z.int().min(0).optional().meta({ description: "Absent: the place." }) });
export const DebugValue = z.object({ value: z.unknown(), type: z.string().meta({ description: "The value's type in the Common Expression Language." }) });
export type DebugValue = z.infer<typeof DebugValue>;

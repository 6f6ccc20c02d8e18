import { z } from "zod";

/**
 * What a trace holds of tokens: `GET /api/v1/traces/{id}/tokens`. Columns, not objects: row `i` of every column of an answer is its token `i`.
 * How they lie in bytes: trace-recording.ts.
 */

/** How much of a request is recorded by the token. `numbers` leaves out all that is text: ids, pieces, candidates, the prompt's tokens. */
export const RecordLevel = z.enum(["full", "numbers", "off"]);
export type RecordLevel = z.infer<typeof RecordLevel>;

/** What decided for a token. The order is part of the byte format: only ever add to the end. */
export const chosenByTable = {
  greedy: "the most likely token, after biases and penalties; nothing was drawn",
  draw: "a draw at random from what the samplers left",
  only: "the samplers are known to have left one token: nothing was there to draw from",
  grammar: "the grammar refused the first choice, so another was made among the tokens that it allows",
  end: "the vocabulary has no token that the grammar allows, which ends the answer",
  mirostat: "Mirostat's own draw",
  adaptive_p: "adaptive-p's own draw",
  debugger: "a debugger chose it in place of what the samplers would have taken",
} as const;
export type ChosenBy = keyof typeof chosenByTable;
export const chosenByNames = Object.keys(chosenByTable) as [ChosenBy, ...ChosenBy[]];
const ChosenBy = z.enum(chosenByNames).meta({ description: `What decided: ${Object.entries(chosenByTable).map(([name, what]) => `\`${name}\`, ${what}`).join("; ")}.` });

/** What became of the guess (speculative decoding) in a token's place. The order is part of the byte format. */
export const guessNames = ["none", "right", "corrected"] as const;
export type Guess = (typeof guessNames)[number];

/** Where the text around the messages came from: the model's file, or nowhere, because the prompt was a text. */
export const TemplateSource = z.enum(["file", "none"]);
export type TemplateSource = z.infer<typeof TemplateSource>;

/** Most candidates that are recorded with a token. */
export const recordedCandidates = 5;

const column = <T extends z.ZodType>(of: T, description: string) => z.array(of).meta({ description });
const Nats = z.number().nullable();

export const AnswerTokens = z.object({
  answer: z.int().meta({ description: "Number of the answer among those of its request, from 0." }),
  ids: z.array(z.int()).nullable().meta({ description: "Token ids; the end token is the last, where one was chosen. Null when text is not recorded. Their texts: `pieces`." }),
  logprobs: column(Nats, "Natural logarithm of the token's probability under the model's own logits, before any sampler; null for a probability of 0."),
  entropies: column(Nats, "Entropy of that whole distribution, in nats; null where the logits are no numbers."),
  topIds: z.array(z.array(z.int())).nullable().meta({ description: `The most likely tokens of that distribution, best first, at most ${recordedCandidates}. Null when text is not recorded.` }),
  topLogprobs: z.array(z.array(Nats)).nullable().meta({ description: "Their log-probabilities." }),
  chosenBy: z.array(ChosenBy),
  guesses: column(z.enum(guessNames), "Speculative decoding: the token was guessed before and the guess was `right`; it was `corrected`, because the guess in its place was wrong; or none was made."),
  timesUs: column(z.number(), "When its step's choice was made, in microseconds since the trace's start."),
  steps: column(z.int(), "Number of the decode step that gave it, counted since the model was loaded. Tokens of other traces with the same number were its neighbours."),
  batch: column(z.int(), "Answers in that step, this one counted."),
  cells: column(z.int(), "KV cells of the answer's sequence after that step: tokens of prompt and answer in the cache."),
  poolCells: column(z.int(), "KV cells in use after that step, over all requests and cached prefixes."),
}).meta({ id: "AnswerTokens" });
export type AnswerTokens = z.infer<typeof AnswerTokens>;

/** What went on around the request, a few times a second. */
export const Vitals = z.object({
  timesUs: column(z.number(), "When it was looked at, in microseconds since the trace's start."),
  loopDelayUs: column(z.number(), "Longest delay of the gateway's event loop since the look before, in microseconds."),
  rssBytes: column(z.number().nullable(), "Resident memory of the model's process; null before it said so."),
  cells: column(z.int(), "KV cells in use after the model's last step, of `cellsInAll`."),
  cellsInAll: column(z.int(), "KV cells that there are."),
  sequences: column(z.int(), "Answers in the model's last step."),
  threads: column(z.int().nullable(), "Threads that computed that step; null where the engine does not say."),
  othersBusy: column(z.number().nullable(), "Cores that other processes kept busy then; null where nobody looks."),
}).meta({ id: "TraceVitals" });
export type Vitals = z.infer<typeof Vitals>;

export const TraceTokens = z.object({
  id: z.string().meta({ description: "The trace's id." }),
  recording: RecordLevel.meta({ description: "How much was recorded: with `numbers` no ids and texts, with `off` nothing (`traces.text` and `traces.tokens` in inferno.yaml)." }),
  live: z.boolean().meta({ description: "The request is in work: what there is so far. A token is here at most 32 tokens or 250 ms of decoding after it was chosen." }),
  complete: z.boolean().meta({ description: "False when the recording outgrew its limit: then the latest tokens are missing." }),
  pieces: z.record(z.string(), z.string()).meta({ description: "Text of every token id that occurs here. A token may be a part of a character: such a piece has U+FFFD in the place of what is missing, and is in `partial` too." }),
  partial: z.record(z.string(), z.string()).meta({ description: "The exact bytes, in hexadecimal, of the tokens that are no whole characters." }),
  prompt: z.object({
    ids: z.array(z.int()).meta({ description: "Token ids of the prompt as it ran." }),
    cached: z.int().meta({ description: "So many from the beginning were not computed again (`reuse` of the trace says why no more)." }),
  }).nullable().meta({ description: "Null before it is known, and when text is not recorded." }),
  answers: z.array(AnswerTokens),
  vitals: Vitals,
}).meta({ id: "TraceTokens" });
export type TraceTokens = z.infer<typeof TraceTokens>;

export const TraceTokensQuery = z.object({
  answer: z.coerce.number().int().min(0).max(1000).optional().meta({ description: "Only this answer, counted from 0." }),
});

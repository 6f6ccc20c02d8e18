import { z } from "zod";
import { didYouMean } from "../base/near.ts";

/**
 * The samplers that can be ordered, in their default order. Before them always comes `logit_bias`, after them the draw. They are llama.cpp's,
 * under the names that llama-server gives them; docs/guides/sampling.md explains each.
 */
export const samplerNames = [
  "penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature", "adaptive_p",
] as const;
export type SamplerName = (typeof samplerNames)[number];

const SamplerOrder = z.array(z.enum(samplerNames, {
  error: ({ input }) => typeof input === "string" ? `no sampler is called "${input}".${didYouMean(input, samplerNames)} There are: ${samplerNames.join(", ")}` : undefined,
})).refine((names) => new Set(names).size === names.length, "names a sampler twice");

/** A number is added to the token's logit; `false` forbids the token. */
const Bias = z.union([z.number().min(-100).max(100), z.literal(false)]);
const LogitBiases = z.union([
  z.record(z.string().min(1), Bias),
  z.array(z.tuple([z.union([z.int().min(0), z.string().min(1)]), Bias])),
]);

const lastTokens = z.int().min(-1).max(16_777_216);

interface Parameter<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly fallback: z.output<Schema>;
}

function parameter<Schema extends z.ZodType>(schema: Schema, fallback: z.output<Schema>, description: string): Parameter<Schema> {
  const said = typeof fallback === "number" ? ` Default ${fallback}.` : "";
  return { schema: schema.meta({ description: `${description}${said}` }), fallback };
}

/** What requests and `inferno.yaml` may say about sampling, and what holds when neither does. */
const parameters = {
  temperature: parameter(z.number().min(0).max(2), 0.8, "Randomness; 0 always takes the most likely token."),
  dynatemp_range: parameter(z.number().min(0).max(2), 0, "Let the temperature move by this much up and down with the model's uncertainty. 0 is off."),
  dynatemp_exponent: parameter(z.number().min(0).max(10), 1, "How fast the dynamic temperature rises with uncertainty."),
  top_k: parameter(z.int().min(0).max(2 ** 31 - 1), 40, "Keep this many of the most likely tokens. 0 is off."),
  top_p: parameter(z.number().gt(0).max(1), 0.95, "Keep the most likely tokens that together have this probability. 1 is off."),
  min_p: parameter(z.number().min(0).max(1), 0.05, "Keep tokens with at least this share of the best token's probability. 0 is off."),
  typical_p: parameter(z.number().gt(0).max(1), 1, "Keep the tokens whose information is nearest to what is expected, up to this probability. 1 is off."),
  top_n_sigma: parameter(z.number().min(-1).max(100), -1, "Keep tokens whose logit is within this many standard deviations of the best. 0 and less is off."),
  xtc_probability: parameter(z.number().min(0).max(1), 0, "How often to exclude the top choices (XTC). 0 is off."),
  xtc_threshold: parameter(z.number().min(0).max(1), 0.1, "XTC excludes all tokens of at least this probability but the least likely of them. Over 0.5 is off."),
  repeat_penalty: parameter(z.number().min(0.1).max(10), 1, "Divide the logits of tokens that were there already. 1 is off."),
  repeat_last_n: parameter(lastTokens, 64, "How many of the last tokens, prompt included, the penalties look at. 0 is none, -1 the whole context."),
  frequency_penalty: parameter(z.number().min(-2).max(2), 0, "Lower the logit of a token by this for every time it was there."),
  presence_penalty: parameter(z.number().min(-2).max(2), 0, "Lower the logit of a token by this when it was there at all."),
  dry_multiplier: parameter(z.number().min(0).max(100), 0, "Strength of DRY, which punishes a token that would prolong a repetition. 0 is off."),
  dry_base: parameter(z.number().min(1).max(100), 1.75, "By how much DRY's penalty grows with each repeated token."),
  dry_allowed_length: parameter(z.int().min(0).max(16_777_216), 2, "Repetitions of up to this many tokens cost nothing."),
  dry_penalty_last_n: parameter(lastTokens, 64, "How many of the last tokens, prompt included, DRY looks at. 0 is none, -1 the whole context."),
  dry_sequence_breakers: parameter(z.array(z.string().min(1)).max(64), ["\n", ":", '"', "*"], "Texts across which DRY sees no repetition, each of at most 40 bytes. Default: newline, colon, double quote and asterisk."),
  mirostat: parameter(z.literal([0, 1, 2]), 0, "Mirostat, version 1 or 2: holds the surprise of the text at `mirostat_tau`, in place of the samplers that cut. 0 is off."),
  mirostat_tau: parameter(z.number().min(0).max(100), 5, "The surprise that Mirostat aims at, in bits per token."),
  mirostat_eta: parameter(z.number().min(0).max(1), 0.1, "How fast Mirostat corrects itself."),
  adaptive_target: parameter(z.number().min(-1).max(1), -1, "Draw tokens near this probability (adaptive-p). Less than 0 is off."),
  adaptive_decay: parameter(z.number().min(0).max(0.99), 0.9, "How long adaptive-p remembers: about 1 / (1 - decay) tokens."),
  logit_bias: parameter(LogitBiases, [], "What to add to the logits of tokens, -100 to 100, or `false` to forbid one: a map of token id or text to bias, or a list of pairs."),
  ignore_eos: parameter(z.boolean(), false, "Forbid the tokens that end an answer, so that it runs to its last allowed token."),
  samplers: parameter(SamplerOrder, [...samplerNames], `Order of the samplers; those that are not named are not used. Default: ${samplerNames.join(", ")}.`),
};

type Parameters = typeof parameters;
type Name = keyof Parameters;
export type SamplingValues = { readonly [N in Name]: Parameters[N]["fallback"] };

const map = <Result>(make: (row: Parameters[Name]) => unknown): Result =>
  Object.fromEntries(Object.entries(parameters).map(([name, row]) => [name, make(row)])) as Result;

export const samplingDefaults = map<SamplingValues>(({ fallback }) => fallback);

/** As `inferno.yaml` has them. */
export const optionalSampling = map<{ [N in Name]: z.ZodOptional<Parameters[N]["schema"]> }>(({ schema }) => schema.optional());

/** As requests have them: null is absent. */
export const nullishSampling = map<{ [N in Name]: z.ZodOptional<z.ZodNullable<Parameters[N]["schema"]>> }>(({ schema }) =>
  schema.nullish().meta({ description: schema.description }));

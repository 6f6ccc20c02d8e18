import { z } from "zod";
import { ContextOverflow } from "../config.ts";
import { nullishSampling } from "../sampling.ts";

/** Bodies of the OpenAI-compatible routes: OpenAI's names and meanings, and llama-server's for what OpenAI does not have. */

export const samplingFields = {
  ...nullishSampling,
  seed: z.int().min(0).max(0xffff_ffff).nullish().meta({ description: "Same seed, same prompt, same settings: same tokens." }),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(16)]).nullish().meta({ description: "Up to 16 texts that end the answer; they are not part of it." }),
  post_sampling_probs: z.boolean().nullish().meta({ description: "Report log probabilities of the distribution that the token was drawn from, after all samplers, instead of the model's own." }),
};

const StreamOptions = z.object({ include_usage: z.boolean().nullish().meta({ description: "Send one more chunk with `usage` before `[DONE]`." }) });

const TextPart = z.object({ type: z.literal("text"), text: z.string() });
const Content = z.union([z.string(), z.array(TextPart)]).meta({ description: "Text, or text parts." });

const ToolCall = z.object({
  id: z.string().optional(),
  type: z.literal("function").optional(),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const ImagePart = z.object({
  type: z.literal("image_url"),
  image_url: z.object({
    url: z.string().min(1).meta({ description: "A data URL with base64. The daemon fetches no addresses." }),
    detail: z.enum(["auto", "low", "high"]).nullish().meta({ description: "Accepted and ignored: the whole image is looked at." }),
  }),
}).meta({ description: "Text in it is read by the model's `images.ocr` of inferno.yaml, and stands in its place; without that setting it is refused." });
const UserContent = z.union([z.string(), z.array(z.discriminatedUnion("type", [TextPart, ImagePart], { error: "a part's type is text or image_url" }))])
  .meta({ description: "Text, or parts of text and images." });

/** Null is absent here too: OpenAI's Python client writes an answer's unused fields so when it goes back into the conversation. */
const withUser = <UserMessage extends z.ZodObject<{ role: z.ZodLiteral<"user"> }>>(userMessage: UserMessage) => z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: Content, name: z.string().nullish() }),
  z.object({ role: z.literal("developer"), content: Content, name: z.string().nullish() }),
  userMessage,
  z.object({ role: z.literal("assistant"), content: Content.nullish(), name: z.string().nullish(), tool_calls: z.array(ToolCall).nullish() }),
  z.object({ role: z.literal("tool"), content: Content, tool_call_id: z.string().optional() }),
]);

/** As chat templates take it: all of it is text. */
export const ChatMessage = withUser(z.object({ role: z.literal("user"), content: Content, name: z.string().nullish() })).meta({ id: "ChatMessage" });
export type ChatMessage = z.infer<typeof ChatMessage>;

/** As people send it, with images that become text. */
export const SentMessage = withUser(z.object({ role: z.literal("user"), content: UserContent, name: z.string().nullish() })).meta({ id: "SentMessage" });
export type SentMessage = z.infer<typeof SentMessage>;

export const Tool = z.object({
  type: z.literal("function"),
  function: z.object({
    name: z.string().regex(/^[A-Za-z0-9_.:/-]{1,128}$/, "a function's name is letters, digits and _ . : / -, at most 128"),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish().meta({ description: "JSON schema of the arguments; absent: no arguments." }),
    strict: z.boolean().nullish().meta({ description: "Refuse a schema with keywords that cannot be enforced. Otherwise arguments have its shape and those keywords are left out." }),
  }),
}).meta({ id: "Tool", description: "A function, rendered into the prompt by the model's chat template." });

const common = {
  model: z.string().min(1).meta({ description: "Model name." }),
  stream: z.boolean().nullish().meta({ description: "Send the answer as server-sent events, token by token." }),
  stream_options: StreamOptions.nullish(),
  n: z.int().min(1).max(16).nullish().meta({ description: "Answers to make from the one prompt, each with a seed of its own: `seed`, `seed` + 1 and so on. Default 1." }),
  user: z.string().nullish().meta({ description: "Accepted and ignored." }),
};
const maxTokens = z.int().min(1);

/** GBNF parsers are written for people's grammars, not for megabytes of them. */
const Grammar = z.string().max(262_144);

/** The steps whose operations are recorded. */
export const Profile = z.union([
  z.literal("ops"),
  z.object({
    ops: z.object({
      steps: z.tuple([z.int().min(0), z.int().min(0)]).refine(([from, to]) => from <= to, "the first step lies behind the last").meta({
        description: "The first and the last step. Step n computes the answer's token n: 0 are the prompt's, 1 follows the first token.",
      }),
    }),
  }),
]).meta({ description: "Record every operation of the engine in the request's trace: of all steps (`\"ops\"`), until there are too many, or of some. Recorded steps are slower (docs/guides/profiling.md)." });

/** How the daemon goes about a request; OpenAI's API has none of these. */
export const handlingFields = {
  profile: Profile.nullish(),
  grammar: Grammar.nullish().meta({ description: "GBNF rules that the answer follows from its first token, beginning with `root`. Cannot be combined with `response_format` or callable tools." }),
  priority: z.int().min(-100).max(100).nullish().meta({ description: "Higher runs first; within one priority the older request. Default 0." }),
  timeout_ms: z.int().min(1).max(86_400_000).nullish().meta({ description: "Milliseconds after which the request ends with `deadline_exceeded`. Default: none." }),
  lora: z.array(z.object({ name: z.string(), scale: z.number().min(-10).max(10) })).max(16)
    .refine((adapters) => new Set(adapters.map(({ name }) => name)).size === adapters.length, "an adapter is named twice").nullish().meta({ description: "Scales of LoRA adapters, by name; those left out run at their configured scale." }),
  overflow: ContextOverflow.nullish().meta({ description: "What to do when prompt and answer do not fit into the context. Default: the model's configuration." }),
  cache_prompt: z.boolean().nullish().meta({ description: "False: neither start from a cached beginning nor leave one. Default true." }),
  speculate: z.boolean().nullish().meta({ description: "False: guess no tokens, whatever the model's configuration says. Default true." }),
};

export const ToolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.object({ type: z.literal("function"), function: z.object({ name: z.string() }) }),
]).meta({ description: "Whether to call a tool: as the model likes (`auto`, the default), not at all and without knowing of them (`none`), at least one (`required`), or this function." });

const JsonSchemaFormat = z.object({
  name: z.string().max(64),
  description: z.string().nullish(),
  schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().nullish().meta({ description: "Accepted and ignored: the schema is always enforced." }),
});
export const ResponseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({ type: z.literal("json_schema"), json_schema: JsonSchemaFormat }),
]).meta({ description: "What the answer must be: text, a JSON object, or JSON that satisfies a schema (docs/guides/tools.md lists its keywords)." });

export const ChatCompletionRequest = z.object({
  ...common,
  messages: z.array(SentMessage).min(1).meta({ description: "The conversation so far." }),
  ...samplingFields,
  max_tokens: maxTokens.nullish().meta({ description: "Most tokens of the answer." }),
  max_completion_tokens: maxTokens.nullish().meta({ description: "OpenAI's newer name of `max_tokens`; wins when both are given." }),
  logprobs: z.boolean().nullish().meta({ description: "Report the log probability of every token." }),
  top_logprobs: z.int().min(0).max(20).nullish().meta({ description: "Alternatives to report per token; needs `logprobs`." }),
  tools: z.array(Tool).max(128).nullish(),
  tool_choice: ToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish().meta({ description: "False: at most one call per answer. Default true, where the model's template has a syntax for several." }),
  response_format: ResponseFormat.nullish(),
  ...handlingFields,
}).meta({ id: "ChatCompletionRequest" });
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>;

export const CompletionRequest = z.object({
  ...common,
  prompt: z.union([z.string(), z.array(z.string()).length(1, "one prompt per request is supported")]).meta({ description: "Text to continue." }),
  ...samplingFields,
  max_tokens: maxTokens.nullish().meta({ description: "Most tokens of the answer. Default: the model's `sampling.max_tokens`, else 16, as OpenAI's." }),
  logprobs: z.int().min(0).max(20).nullish().meta({ description: "Report log probabilities of this many alternatives per token." }),
  suffix: z.string().nullish().meta({ description: "The text behind a gap that `prompt` ends at: the model writes what belongs between, if its vocabulary has the tokens for it." }),
  echo: z.literal(false, "echo is not supported").nullish(),
  response_format: ResponseFormat.nullish(),
  ...handlingFields,
}).meta({ id: "CompletionRequest" });
export type CompletionRequest = z.infer<typeof CompletionRequest>;

export const Usage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int().meta({ description: "Prompt tokens that were not computed again." }) }),
}).meta({ id: "Usage" });
export type Usage = z.infer<typeof Usage>;

export const Timings = z.object({
  trace_id: z.string().meta({ description: "The request's trace: GET /api/v1/traces/:id." }),
  ttft_ms: z.number().meta({ description: "Time to first token, in milliseconds." }),
  prompt_ms: z.number().meta({ description: "Prefill, in milliseconds." }),
  predicted_ms: z.number().meta({ description: "First token to last token, in milliseconds." }),
  tokens_per_second: z.number().nullable().meta({ description: "Decode rate: (tokens - 1) / predicted; null below two tokens." }),
  cached_tokens: z.int().meta({ description: "Prompt tokens that were not computed again." }),
  truncated_tokens: z.int().meta({ description: "Tokens that were left out of the prompt, or that left the context while the answer grew, because it was too short (`overflow`)." }),
  drafted_tokens: z.int().meta({ description: "Tokens that were guessed (speculation)." }),
  accepted_tokens: z.int().meta({ description: "Guessed tokens that were right." }),
}).meta({ id: "Timings", description: "Inferno's own addition to the answer." });
export type Timings = z.infer<typeof Timings>;

export const FinishReason = z.enum(["stop", "length", "tool_calls"]);
export type FinishReason = z.infer<typeof FinishReason>;

const TopLogprob = z.object({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()).nullable() });
export const ChatTokenLogprob = TopLogprob.extend({ top_logprobs: z.array(TopLogprob) });
export type ChatTokenLogprob = z.infer<typeof ChatTokenLogprob>;
const ChatLogprobs = z.object({ content: z.array(ChatTokenLogprob).nullable(), refusal: z.null() });

const AnsweredToolCall = z.object({
  id: z.string(),
  type: z.literal("function"),
  function: z.object({ name: z.string(), arguments: z.string().meta({ description: "A JSON object, as text." }) }),
});

const ToolCallChunk = z.object({
  index: z.int().meta({ description: "Which call of the answer this continues." }),
  id: z.string().optional(),
  type: z.literal("function").optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string().meta({ description: "The next part of the arguments." }) }),
}).meta({ description: "The first piece of a call has `id`, `type` and `name`; the pieces of `arguments` put together are a JSON object." });

export const ChatCompletion = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(z.object({
    index: z.int(),
    message: z.object({
      role: z.literal("assistant"),
      content: z.string().nullable().meta({ description: "The answer's text; null when it only calls tools." }),
      refusal: z.null(),
      tool_calls: z.array(AnsweredToolCall).optional(),
    }),
    logprobs: ChatLogprobs.nullable(),
    finish_reason: FinishReason,
  })),
  usage: Usage,
  timings: Timings,
}).meta({ id: "ChatCompletion" });
export type ChatCompletion = z.infer<typeof ChatCompletion>;

export const ChatCompletionChunk = z.object({
  id: z.string(),
  object: z.literal("chat.completion.chunk"),
  created: z.int(),
  model: z.string(),
  choices: z.array(z.object({
    index: z.int(),
    delta: z.object({ role: z.literal("assistant").optional(), content: z.string().optional(), tool_calls: z.array(ToolCallChunk).optional() }),
    logprobs: ChatLogprobs.nullable(),
    finish_reason: FinishReason.nullable(),
  })),
  usage: Usage.nullish(),
  timings: Timings.optional(),
}).meta({ id: "ChatCompletionChunk" });
export type ChatCompletionChunk = z.infer<typeof ChatCompletionChunk>;

const CompletionLogprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number()),
  top_logprobs: z.array(z.record(z.string(), z.number())),
  text_offset: z.array(z.int()),
});

/** A whole completion and a chunk of one have the same shape in OpenAI's API. */
export const Completion = z.object({
  id: z.string(),
  object: z.literal("text_completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(z.object({ index: z.int(), text: z.string(), logprobs: CompletionLogprobs.nullable(), finish_reason: FinishReason.nullable() })),
  usage: Usage.nullish(),
  timings: Timings.optional(),
}).meta({ id: "Completion" });
export type Completion = z.infer<typeof Completion>;

export const OpenAiModel = z.object({
  id: z.string(), object: z.literal("model"), created: z.int(), owned_by: z.string(),
}).meta({ id: "OpenAiModel" });
export type OpenAiModel = z.infer<typeof OpenAiModel>;

export const OpenAiModelList = z.object({
  object: z.literal("list"),
  data: z.array(OpenAiModel),
}).meta({ id: "OpenAiModelList" });

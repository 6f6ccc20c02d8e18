import { z } from "zod";
import { ChatMessage, handlingFields, samplingFields, Timings, Tool } from "./openai.ts";
import { profile } from "./profile.ts";

/** Bodies of the routes beside generation: tokens, vectors, scores and saved states. */

const model = z.string().min(1).meta({ description: "Model name." });
const tokens = z.array(z.int().min(0)).max(1_000_000);

export const TokenizeRequest = z.object({
  model,
  content: z.string().meta({ description: "The text." }),
  add_special: z.boolean().default(false).meta({ description: "Add the tokens that the vocabulary begins or ends a text with." }),
  parse_special: z.boolean().default(true).meta({ description: "Read the text of a control token, such as `<|im_start|>`, as that token." }),
  with_pieces: z.boolean().default(false).meta({ description: "Give each token's text too." }),
}).meta({ id: "TokenizeRequest" });
export type TokenizeRequest = z.infer<typeof TokenizeRequest>;

const TokenPiece = z.object({
  id: z.int(),
  piece: z.union([z.string(), z.array(z.int())]).meta({ description: "Its text, or its bytes where they are only a part of a character." }),
});
export const TokenizeResponse = z.object({
  tokens: z.array(z.union([z.int(), TokenPiece])).meta({ description: "Token ids; with `with_pieces` objects." }),
}).meta({ id: "TokenizeResponse" });

export const DetokenizeRequest = z.object({ model, tokens: tokens.meta({ description: "Token ids." }) }).meta({ id: "DetokenizeRequest" });
export const DetokenizeResponse = z.object({ content: z.string().meta({ description: "Their text; bytes that are no UTF-8 become U+FFFD." }) }).meta({ id: "DetokenizeResponse" });

const messages = z.array(ChatMessage).min(1).meta({ description: "The conversation." });

export const ApplyTemplateRequest = z.object({ model, messages, tools: z.array(Tool).nullish() }).meta({ id: "ApplyTemplateRequest" });
export const ApplyTemplateResponse = z.object({
  prompt: z.string().meta({ description: "What the model is given, up to where its answer begins." }),
}).meta({ id: "ApplyTemplateResponse" });

/** OpenAI takes 2048 inputs at most. */
const inputs = 2048;
export const EmbeddingsRequest = z.object({
  model,
  input: z.union([z.string(), z.array(z.string()).min(1).max(inputs), tokens.min(1), z.array(tokens.min(1)).min(1).max(inputs)]).meta({
    description: "A text, up to 2048 texts, or the same as token ids.",
  }),
  encoding_format: z.enum(["float", "base64"]).nullish().meta({ description: "`base64`: 32-bit floats, little endian. Default `float`." }),
  dimensions: z.int().min(1).nullish().meta({ description: "Shorten the vectors, for models that were trained for it." }),
  profile,
  user: z.string().nullish().meta({ description: "Accepted and ignored." }),
}).meta({ id: "EmbeddingsRequest" });
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>;

const InputUsage = z.object({ prompt_tokens: z.int(), total_tokens: z.int() });

export const EmbeddingsResponse = z.object({
  object: z.literal("list"),
  data: z.array(z.object({
    object: z.literal("embedding"),
    index: z.int(),
    embedding: z.union([z.array(z.number()), z.string()]).meta({ description: "A vector of length 1." }),
  })).meta({ description: "In the order of the inputs." }),
  model: z.string(),
  usage: InputUsage,
}).meta({ id: "EmbeddingsResponse" });
export type EmbeddingsResponse = z.infer<typeof EmbeddingsResponse>;

const Document = z.union([z.string(), z.object({ text: z.string() })]);
export const RerankRequest = z.object({
  model,
  query: z.string().min(1).meta({ description: "What is looked for." }),
  documents: z.array(Document).min(1).max(inputs).meta({ description: "Texts to order by how well they answer the query." }),
  top_n: z.int().min(1).nullish().meta({ description: "Return only the best so many." }),
  return_documents: z.boolean().nullish().meta({ description: "Return the texts too." }),
  profile,
}).meta({ id: "RerankRequest" });
export type RerankRequest = z.infer<typeof RerankRequest>;

export const RerankResponse = z.object({
  object: z.literal("list"),
  model: z.string(),
  results: z.array(z.object({
    index: z.int().meta({ description: "Position in `documents`." }),
    relevance_score: z.number().meta({ description: "The model's score as it is: higher is better, the range is the model's own." }),
    document: z.object({ text: z.string() }).optional(),
  })).meta({ description: "Best first." }),
  usage: InputUsage,
}).meta({ id: "RerankResponse" });
export type RerankResponse = z.infer<typeof RerankResponse>;

/** A file of the project, for the model to know. */
const ExtraFile = z.object({ filename: z.string().default("file"), text: z.string() });
export const InfillRequest = z.object({
  model: z.string().min(1).optional().meta({ description: "Model name. Default: the one that is loaded, when there is one only." }),
  input_prefix: z.string().meta({ description: "The text before the gap." }),
  input_suffix: z.string().meta({ description: "The text behind the gap." }),
  input_extra: z.array(ExtraFile).max(1000).nullish().meta({ description: "Other files that the model should know, nearest last." }),
  prompt: z.string().nullish().meta({ description: "How the text in the gap begins." }),
  n_predict: z.int().min(-1).nullish().meta({ description: "Most tokens to write; -1 leaves it to the context." }),
  stream: z.boolean().nullish().meta({ description: "Send the answer as server-sent events, token by token." }),
  ...samplingFields,
  ...handlingFields,
}).meta({ id: "InfillRequest" });
export type InfillRequest = z.infer<typeof InfillRequest>;

/** A whole answer and a chunk of one have the same shape. */
export const Infill = z.object({
  content: z.string().meta({ description: "The text for the gap; in a stream its next piece." }),
  stop: z.boolean().meta({ description: "Whether this is the end." }),
  stop_type: z.enum(["eos", "limit"]).optional().meta({ description: "`eos`: the model, or a stop text, ended it. `limit`: no more tokens were allowed." }),
  model: z.string(),
  tokens_predicted: z.int().optional(),
  tokens_evaluated: z.int().optional(),
  timings: Timings.optional(),
}).meta({ id: "Infill" });
export type Infill = z.infer<typeof Infill>;

/** Becomes a file's name: nothing in it may mean another folder. */
const stateName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "a name is letters, digits and . _ -, at most 100, beginning with a letter or digit").meta({ description: "The state's name." });

export const SaveStateRequest = z.object({
  model, name: stateName,
  messages: messages.optional(),
  tools: z.array(Tool).nullish(),
  prompt: z.string().min(1).optional().meta({ description: "Instead of `messages`: text as it is." }),
}).refine((body) => (body.messages === undefined) !== (body.prompt === undefined), { error: "give either messages or prompt" }).meta({ id: "SaveStateRequest" });

export const StateRequest = z.object({ model, name: stateName }).meta({ id: "StateRequest" });
export const SavedState = z.object({
  model: z.string(),
  name: z.string(),
  tokens: z.int().meta({ description: "Length of the text that it stands for." }),
  size_bytes: z.number().meta({ description: "Size of its file." }),
  created_at: z.string().meta({ description: "ISO 8601." }),
}).meta({ id: "SavedState" });
export type SavedState = z.infer<typeof SavedState>;
export const SavedStateList = z.object({ states: z.array(SavedState) }).meta({ id: "SavedStateList" });
